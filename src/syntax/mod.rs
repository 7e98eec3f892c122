//! Text to tree: spans, tokens, the parser that never fails, and the printer.

pub mod ast;
pub mod diagnostic;
pub mod source;
