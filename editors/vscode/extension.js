// Starts `importguard lsp` and leaves the rest to the protocol.
const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const [command, ...args] = workspace.getConfiguration("importguard").get("command");
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  client = new LanguageClient("importguard", { command, args, options: { cwd: folder } }, { documentSelector: [{ language: "python", scheme: "file" }] });
  try {
    await client.start();
  } catch (error) {
    window.showErrorMessage(`importguard: ${command} cannot be started (${error.message}); set importguard.command, or install importguard with its extra lsp.`);
  }
}

exports.activate = async (context) => {
  context.subscriptions.push(commands.registerCommand("importguard.restart", async () => { await client?.stop(); await start(); }));
  await start();
};
exports.deactivate = () => client?.stop();
