//! What the reader of an exported file has to know, as comments in it.
//!
//! They stand at the head, but for AIGER, which has comments at its end alone.

use super::Format;

/// A file with these remarks, one to a line.
pub fn with_remarks(file: Vec<u8>, format: Format, remarks: &[String]) -> Vec<u8> {
    if remarks.is_empty() {
        return file;
    }
    let mark = match format {
        Format::Vmt | Format::Chc | Format::Btor2 => "; ",
        Format::Smv => "-- ",
        Format::Aiger => "",
    };
    let lines: String = remarks.iter().map(|remark| format!("{mark}{remark}\n")).collect();
    match format {
        Format::Aiger => [file, b"c\n".to_vec(), lines.into_bytes()].concat(),
        _ => [lines.into_bytes(), file].concat(),
    }
}
