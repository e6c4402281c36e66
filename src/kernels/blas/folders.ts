type Environment = Readonly<Record<string, string | undefined>>;

/** Where these libraries usually lie if the system's loader does not know them. Folders that do not exist included. */
export function foldersOf(platform: NodeJS.Platform, env: Environment): string[] {
  const conda = env["CONDA_PREFIX"];
  const mkl = env["MKLROOT"];
  switch (platform) {
    case "linux":
      return [
        ...(conda ? [`${conda}/lib`] : []),
        ...(mkl ? [`${mkl}/lib`, `${mkl}/lib/intel64`] : []),
        ...["x86_64-linux-gnu", "aarch64-linux-gnu"].flatMap((triplet) =>
          ["openblas-pthread", "openblas-openmp", "openblas-serial", "blis-pthread", "blis-openmp"].map(
            (build) => `/usr/lib/${triplet}/${build}`,
          ),
        ),
        "/usr/lib64",
        "/usr/local/lib",
        "/opt/OpenBLAS/lib",
        "/opt/intel/oneapi/mkl/latest/lib",
        "/opt/intel/oneapi/mkl/latest/lib/intel64",
      ];
    case "darwin":
      return [
        ...(conda ? [`${conda}/lib`] : []),
        "/opt/homebrew/opt/openblas/lib",
        "/usr/local/opt/openblas/lib",
        "/opt/local/lib",
      ];
    case "win32":
      return [
        ...(conda ? [`${conda}\\Library\\bin`] : []),
        ...(mkl ? [`${mkl}\\bin`, `${mkl}\\redist\\intel64`] : []),
        "C:\\Program Files (x86)\\Intel\\oneAPI\\mkl\\latest\\bin",
      ];
    default:
      return ["/usr/local/lib"];
  }
}
