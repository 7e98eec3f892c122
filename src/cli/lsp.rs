//! `yamen lsp`: the language server, over standard input and output.

use lsp_server::Connection;

use super::Failure;
use super::exit::Exit;
use crate::lsp;
use crate::report::diagnostics::Trouble;

/// Serves an editor until it leaves.
///
/// # Errors
/// The connection broke.
pub fn run() -> Result<Exit, Failure> {
    let broken = |words: String| {
        let message = format!("the connection to the editor broke: {words}");
        let trouble = Trouble::new("connection-lost", message);
        Failure::usage(trouble.help("`yamen lsp` is started by an editor; see docs/editor.md"))
    };
    let (connection, threads) = Connection::stdio();
    let served = lsp::serve(&connection);
    drop(connection);
    served.map_err(broken)?;
    threads.join().map_err(|error| broken(error.to_string()))?;
    Ok(Exit::AsExpected)
}
