import path from "node:path";
import type { ConfigSections } from "./config-sections.ts";
import type { Confinement } from "./confine.ts";
import { HttpError, type Request, type Router, stringField } from "./http.ts";
import type { LabSettings } from "./lab-settings.ts";
import { type Bundle, labPage, pagePolicy, pageState } from "./page.ts";
import { sendFile } from "./send-file.ts";
import type { Workspaces } from "./workspaces.ts";

/** Paths that a person opens in a browser: they answer with pages, and take the token or a ticket. */
export const pagePath: RegExp = /^\/(?:(lab|doc)(?:\/workspaces\/([^/]+))?(?:\/tree(?:\/(.*))?)?\/?)?$/;

/** The page itself and the bundle's files. */
export function addPageRoutes(router: Router, bundle: Bundle, bundleFiles: Confinement, root: string): void {
  router.on("GET", pagePath, ({ params, path: target, query, raw, response }) => {
    const rest = query.size > 0 ? `?${query}` : "";
    if (target === "/") return { status: 302, headers: { Location: `/lab${rest}` } };
    const [mode, workspace, treePath] = params;
    const html = labPage(bundle, pageState(mode, workspace, treePath), path.basename(root));
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": pagePolicy(raw.headers.host ?? ""),
      "Cache-Control": "no-store",
    });
    response.end(html);
    return undefined;
  });

  router.on("GET", /^\/static\/(.+)$/, async (request) => {
    // Names with a hash of the content never change their meaning.
    const immutable = /-[A-Z0-9]{8}\.\w+$/.test(request.params[0]);
    await sendFile(request, bundleFiles, request.params[0], {
      "Cache-Control": immutable ? "max-age=31536000, immutable" : "no-cache",
    });
    return undefined;
  });
  router.on("GET", /^\/favicon\.ico$/, () => ({ status: 204 }));
}

/** JupyterLab's own API: settings, layouts, translations. */
export function addLabRoutes(router: Router, settings: LabSettings, workspaces: Workspaces): void {
  router.on("GET", /^\/lab\/api\/settings(?:\/(.*))?$/, async ({ params, query }) => {
    if (params[0] !== "") return { status: 200, body: await settings.get(params[0]) };
    const idsOnly = query.get("ids_only") === "true";
    return {
      status: 200,
      body: { settings: idsOnly ? settings.ids().map((id) => ({ id })) : await settings.list() },
    };
  });
  router.on("PUT", /^\/lab\/api\/settings\/(.+)$/, async ({ params, json }) => {
    await settings.save(params[0], stringField(await json(), "raw", true));
    return { status: 204 };
  });

  router.on("GET", /^\/lab\/api\/workspaces(?:\/(.*))?$/, async ({ params }) => {
    if (params[0] !== "") return { status: 200, body: await workspaces.get(params[0]) };
    const values = await workspaces.list();
    return { status: 200, body: { workspaces: { ids: values.map(({ metadata }) => metadata.id), values } } };
  });
  router.on("PUT", /^\/lab\/api\/workspaces\/(.+)$/, async ({ params, json }) => {
    await workspaces.save(params[0], await json());
    return { status: 204 };
  });
  router.on("DELETE", /^\/lab\/api\/workspaces\/(.+)$/, async ({ params }) => {
    await workspaces.delete(params[0]);
    return { status: 204 };
  });

  // English only: JupyterLab's own texts are the fallback for every language.
  router.on("GET", /^\/lab\/api\/translations(?:\/(.*))?$/, ({ params }) => {
    const english = { en: { displayName: "English", nativeName: "English" } };
    return { status: 200, body: { data: params[0] === "" ? english : {}, message: "" } };
  });
}

export interface ServerStatus {
  started: Date;
  lastActivity(): Date;
  connections(): number;
  kernels(): number;
  /** Ends the server; called after the answer has been given. */
  shutdown(): void;
}

/** Small endpoints of Jupyter Server that front ends ask at their start. */
export function addServerRoutes(router: Router, status: ServerStatus, config: ConfigSections): void {
  router.on("GET", /^\/api\/?$/, () => ({ status: 200, body: { version: "2.17.0" } }));
  router.on("GET", /^\/api\/status\/?$/, () => ({
    status: 200,
    body: {
      started: status.started.toISOString(),
      last_activity: status.lastActivity().toISOString(),
      connections: status.connections(),
      kernels: status.kernels(),
    },
  }));
  router.on("GET", /^\/api\/me\/?$/, () => ({
    status: 200,
    body: {
      identity: {
        username: "learner",
        name: "Learner",
        display_name: "Learner",
        initials: "L",
        avatar_url: null,
        color: null,
      },
      permissions: {},
    },
  }));
  router.on("POST", /^\/api\/shutdown\/?$/, ({ response }) => {
    response.once("finish", () => status.shutdown());
    return { status: 200, body: { message: "the server is shutting down" } };
  });
  // What there is no converter for must not look like one that failed.
  router.on("GET", /^\/api\/nbconvert\/?$/, () => ({ status: 200, body: {} }));
  router.on("POST", /^\/api\/events\/?$/, () => ({ status: 204 }));
  addConfigRoutes(router, config);
}

function addConfigRoutes(router: Router, config: ConfigSections): void {
  const path = /^\/api\/config\/([^/]+)$/;
  const section = ({ params }: Request): string => {
    if (!/^\w[\w.-]*$/.test(params[0])) throw new HttpError(404, `no such section: ${params[0]}`);
    return params[0];
  };
  router.on("GET", path, async (request) => ({ status: 200, body: await config.get(section(request)) }));
  router.on("PUT", path, async (request) => {
    await config.replace(section(request), await request.json());
    return { status: 204 };
  });
  router.on("PATCH", path, async (request) => ({
    status: 200,
    body: await config.merge(section(request), await request.json()),
  }));
}
