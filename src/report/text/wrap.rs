//! Paragraphs broken at spaces, by the width that terminals give to characters.

use unicode_width::UnicodeWidthStr;

/// Breaks a text into lines no wider than `width` (a longer word has a line of its own), each
/// behind `indent` spaces; lines after the first get `hang` more.
pub fn paragraph(text: &str, width: usize, indent: usize, hang: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = " ".repeat(indent);
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.width() + 1 + word.width() > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent + hang)));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push(line);
    lines.join("\n")
}

/// Every line behind so many spaces.
pub fn indented(text: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    text.lines()
        .map(|line| format!("{margin}{line}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_to_lines_that_fit() {
        assert_eq!(paragraph("one two three", 9, 2, 1), "  one two\n   three");
        assert_eq!(paragraph("unbreakable word", 4, 0, 2), "unbreakable\n  word");
        assert_eq!(paragraph("", 10, 2, 0), "  ");
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(paragraph("巡视 组", 6, 0, 0), "巡视\n组");
    }
}
