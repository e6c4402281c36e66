/**
 * Lets a theme be chosen while the page follows the system's. JupyterLab's command then only stops following, and
 * the theme that was asked for comes with the second click.
 */
import { IThemeManager } from "@jupyterlab/apputils";

export const themeChoice = {
  id: "unrolled-lab:theme-choice",
  description: "Sets the chosen theme also when the page was following the system's.",
  autoStart: true,
  requires: [IThemeManager],
  activate({ commands }, manager) {
    commands.commandExecuted.connect((_commands, { id, args }) => {
      // Both settings are saved before the page hears of the first, so only one theme is loaded.
      if (id === "apputils:change-theme" && manager.isToggledAdaptiveTheme())
        void manager.setTheme(args.theme);
    });
  },
};
