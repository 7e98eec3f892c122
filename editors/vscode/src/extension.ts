// Starts `yamen lsp` for `.yamen` files. All that an editor shows of a spec comes from the server.

import * as vscode from "vscode";
import { LanguageClient, ServerOptions } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

function make(): LanguageClient {
  const command = vscode.workspace.getConfiguration("yamen").get<string>("path") || "yamen";
  const server: ServerOptions = { command, args: ["lsp"] };
  return new LanguageClient("yamen", "Yamen", server, {
    documentSelector: [{ language: "yamen" }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.yamen") },
  });
}

async function start(): Promise<void> {
  client = make();
  try {
    await client.start();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const settings = "Open settings";
    const chosen = await vscode.window.showErrorMessage(
      `Yamen cannot be started: ${words}. Put \`yamen\` on the PATH, or say where it is.`,
      settings,
    );
    if (chosen === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "yamen.path");
    }
  }
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  if (running?.isRunning()) {
    await running.stop();
  }
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const restart = async (): Promise<void> => {
    await stop();
    await start();
  };
  context.subscriptions.push(
    vscode.commands.registerCommand("yamen.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("yamen.path")) {
        await restart();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}
