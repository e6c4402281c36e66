import { readdir, realpath } from "node:fs/promises";
import { Confinement } from "./confine.ts";
import type { Contents } from "./contents.ts";
import { HttpError, type Router, stringField } from "./http.ts";
import type { Kernels } from "./kernels.ts";
import { sendFile } from "./send-file.ts";
import type { Sessions } from "./sessions.ts";

/** `/api/kernelspecs`, `/kernelspecs`, `/api/kernels`, `/api/sessions`. */
export function addKernelRoutes(
  router: Router,
  kernels: Kernels,
  sessions: Sessions,
  contents: Contents,
): void {
  addKernelspecRoutes(router, kernels);

  router.on("GET", /^\/api\/kernels\/?$/, () => ({
    status: 200,
    body: kernels.list().map((one) => one.model()),
  }));
  router.on("POST", /^\/api\/kernels\/?$/, async ({ json }) => {
    const body = await json();
    const folder = stringField(body, "path");
    const cwd = folder
      ? (await contents.confinement.resolveExisting(folder)).real
      : contents.confinement.root;
    const kernel = await kernels.start({ name: stringField(body, "name"), cwd });
    return { status: 201, body: kernel.model(), headers: { Location: `/api/kernels/${kernel.id}` } };
  });
  router.on("GET", /^\/api\/kernels\/([^/]+)$/, ({ params }) => ({
    status: 200,
    body: kernels.get(params[0]).model(),
  }));
  router.on("DELETE", /^\/api\/kernels\/([^/]+)$/, async ({ params }) => {
    await kernels.shutdown(params[0]);
    return { status: 204 };
  });
  router.on("POST", /^\/api\/kernels\/([^/]+)\/interrupt$/, async ({ params }) => {
    const kernel = kernels.get(params[0]);
    try {
      await kernel.interrupt();
    } catch (error) {
      throw new HttpError(500, `the kernel could not be interrupted: ${(error as Error).message}`, {
        cause: error,
      });
    }
    return { status: 204 };
  });
  router.on("POST", /^\/api\/kernels\/([^/]+)\/restart$/, async ({ params }) => {
    const kernel = kernels.get(params[0]);
    try {
      await kernel.restart();
    } catch (error) {
      throw new HttpError(500, (error as Error).message, { cause: error });
    }
    return { status: 200, body: kernel.model() };
  });

  router.on("GET", /^\/api\/sessions\/?$/, () => ({ status: 200, body: sessions.list() }));
  router.on("POST", /^\/api\/sessions\/?$/, async ({ json }) => {
    const session = await sessions.create(await json());
    return { status: 201, body: session, headers: { Location: `/api/sessions/${session.id}` } };
  });
  router.on("GET", /^\/api\/sessions\/([^/]+)$/, ({ params }) => ({
    status: 200,
    body: sessions.get(params[0]),
  }));
  router.on("PATCH", /^\/api\/sessions\/([^/]+)$/, async ({ params, json }) => ({
    status: 200,
    body: await sessions.update(params[0], await json()),
  }));
  router.on("DELETE", /^\/api\/sessions\/([^/]+)$/, async ({ params }) => {
    await sessions.delete(params[0]);
    return { status: 204 };
  });
}

/** What a front end may fetch from a kernelspec's folder: logos, but neither kernel.json nor scripts. */
const resourceName = /^logo-[\w.-]+\.(svg|png|gif|jpe?g)$/;

function addKernelspecRoutes(router: Router, kernels: Kernels): void {
  const describe = async (): Promise<Record<string, unknown>> => {
    const specs = await kernels.specs.list();
    const models = await Promise.all(
      specs.map(async ({ name, spec, resourceDir }) => {
        const names = (resourceDir === "" ? [] : await readdir(resourceDir).catch(() => []))
          .filter((file) => resourceName.test(file))
          .sort();
        const resources = names.map((file) => [
          file.replace(/\.\w+$/, ""),
          `/kernelspecs/${encodeURIComponent(name)}/${encodeURIComponent(file)}`,
        ]);
        return [name, { name, spec, resources: Object.fromEntries(resources) }];
      }),
    );
    return Object.fromEntries(models) as Record<string, unknown>;
  };
  router.on("GET", /^\/api\/kernelspecs\/?$/, async () => {
    const kernelspecs = await describe();
    return { status: 200, body: { default: kernels.specs.defaultName, kernelspecs } };
  });
  router.on("GET", /^\/api\/kernelspecs\/([^/]+)$/, async ({ params }) => {
    const kernelspecs = await describe();
    if (!Object.hasOwn(kernelspecs, params[0])) throw new HttpError(404, `no kernelspec ${params[0]}`);
    return { status: 200, body: kernelspecs[params[0]] };
  });
  router.on("GET", /^\/kernelspecs\/([^/]+)\/([^/]+)$/, async (request) => {
    const [name, file] = request.params;
    const found = (await kernels.specs.list()).find((one) => one.name === name);
    const folder = found?.resourceDir ? await realpath(found.resourceDir).catch(() => undefined) : undefined;
    if (folder === undefined || !resourceName.test(file)) {
      throw new HttpError(404, `no kernelspec resource ${name}/${file}`);
    }
    const confinement = new Confinement(folder);
    await sendFile(request, confinement, file, {
      "Cache-Control": "no-cache",
      "Content-Security-Policy": "sandbox",
    });
    return undefined;
  });
}
