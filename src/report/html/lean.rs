//! A page without what HTML lets one leave out: quotes around plain words, ends of cells and items, and ends of
//! shapes with nothing in them (HTML Living Standard, 13.1.2).
//!
//! It reads what `maud` wrote, in which neither texts nor attributes have a `<` or `>` that is not escaped.

/// Elements whose end follows from what comes next, wherever these pages have them.
const ENDLESS: [&str; 9] = ["td", "th", "tr", "thead", "tbody", "li", "dt", "dd", "option"];
/// Tags that go without saying.
const UNSAID: [&str; 5] = ["head", "/head", "body", "/body", "/html"];
/// Elements of pictures that may close themselves.
const SHAPES: [&str; 3] = ["rect", "path", "circle"];

/// The same page, shorter.
pub fn lean(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((text, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        out.push_str(text);
        rest = after;
        match tag.strip_prefix('/') {
            _ if UNSAID.contains(&tag) => continue,
            Some(name) if ENDLESS.contains(&name) => continue,
            Some(_) => out.extend(["<", tag]),
            None => {
                open(tag, &mut out);
                if let Some(after) = closed(tag, rest) {
                    out.push_str(if out.ends_with('"') { "/" } else { " /" });
                    rest = after;
                }
            }
        }
        out.push('>');
    }
    out + rest
}

/// What comes after the end of a shape that has nothing in it.
fn closed<'a>(tag: &str, rest: &'a str) -> Option<&'a str> {
    let name = tag.split(' ').next().filter(|name| SHAPES.contains(name))?;
    rest.strip_prefix("</")?.strip_prefix(name)?.strip_prefix('>')
}

/// Writes the beginning of a tag, its last `>` aside.
fn open(tag: &str, out: &mut String) {
    out.push('<');
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"').unwrap_or((after, ""));
        let quote = if is_plain(value) { "" } else { "\"" };
        out.extend([before, "=", quote, value, quote]);
        rest = after;
    }
    out.push_str(rest);
}

/// Whether a value needs no quotes.
fn is_plain(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:,/#".contains(c);
    !value.is_empty() && value.chars().all(plain) && !value.ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::lean;

    #[test]
    fn only_what_means_nothing_is_left_out() {
        let page = "<p class=\"a\" id=\"b c\">x=\"y\"</p><ul><li data-x=\"\">1</li></ul>";
        assert_eq!(lean(page), "<p class=a id=\"b c\">x=\"y\"</p><ul><li data-x=\"\">1</ul>");
    }

    #[test]
    fn shapes_close_themselves_and_keep_their_titles() {
        let page = "<rect x=\"1\"></rect><path d=\"M0 0\"></path><rect><title>t</title></rect>";
        assert_eq!(lean(page), "<rect x=1 /><path d=\"M0 0\"/><rect><title>t</title></rect>");
    }

    #[test]
    fn what_an_attribute_says_stays_in_it() {
        let page = "<a href=\"x&quot; onclick=&quot;y\" title=\"a&gt;b'\">=\"</a>";
        assert_eq!(lean(page), page);
    }
}
