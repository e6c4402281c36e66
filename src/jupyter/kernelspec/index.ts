/** Kernelspecs: how Jupyter's front ends and our own executor find a kernel. */
export { type FoundKernelSpec, findKernelSpecs, listKernelSpecs, resolveKernelSpec } from "./find.ts";
export {
  installKernelSpec,
  localKernelSpec,
  type Place,
  placeFolder,
  uninstallKernelSpec,
} from "./install.ts";
export { kernelEntry, OWN_KERNEL, ownKernelSpec } from "./own.ts";
export { dataFolders, projectDataFolder, type Surroundings, surroundings } from "./paths.ts";
export type { InstalledKernelSpec, KernelSpec } from "./spec.ts";
