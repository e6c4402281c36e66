/** The little that packages written for Node ask of `process`; put in place of the global by the bundler. */
export const process = { env: {}, platform: "browser", cwd: () => "/" };
