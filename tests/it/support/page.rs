//! A page of Markdown, parsed as GitHub does: its parts, and whether all of them are intended.

use std::collections::BTreeSet;

use comrak::nodes::{AstNode, NodeCodeBlock, NodeHeading, NodeValue};
use comrak::{Arena, Options, parse_document};

/// What a page is made of, as far as it matters here.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) html: Vec<String>,
    /// URLs, each with its text.
    pub(crate) links: Vec<(String, String)>,
    pub(crate) headings: usize,
    pub(crate) tables: usize,
    /// How many cells a row of a table has.
    pub(crate) cells: BTreeSet<usize>,
    /// What a page of ours never has: images, quotes, footnotes, tasks, formulas, …
    pub(crate) foreign: Vec<String>,
    /// Text outside code.
    pub(crate) prose: String,
}

impl Page {
    pub(crate) fn read(markdown: &str) -> Self {
        let arena = Arena::new();
        let mut page = Self::default();
        for node in parse_document(&arena, markdown, &dialect()).descendants() {
            page.note(node);
        }
        page
    }

    fn note<'a>(&mut self, node: &'a AstNode<'a>) {
        match &node.data.borrow().value {
            NodeValue::HtmlBlock(block) => self.html.push(block.literal.trim().to_owned()),
            NodeValue::Link(link) => self.links.push((link.url.clone(), words(node))),
            NodeValue::Heading(NodeHeading { level: 3, setext: false, .. }) => self.headings += 1,
            NodeValue::Table(_) => self.tables += 1,
            NodeValue::TableRow(_) => _ = self.cells.insert(node.children().count()),
            NodeValue::Text(text) => self.prose.push_str(text),
            NodeValue::SoftBreak | NodeValue::Paragraph => self.prose.push('\n'),
            NodeValue::CodeBlock(block) if is_of_ours(block) => {}
            NodeValue::Strong if ["error", "warning", "note"].contains(&words(node).as_str()) => {}
            NodeValue::Document
            | NodeValue::List(_)
            | NodeValue::Item(_)
            | NodeValue::TableCell
            | NodeValue::Code(_) => {}
            other => self.foreign.push(format!("{other:?}")),
        }
    }
}

/// The extensions of GitHub.
fn dialect() -> Options<'static> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    for on in [
        &mut extension.table,
        &mut extension.autolink,
        &mut extension.strikethrough,
        &mut extension.tasklist,
        &mut extension.footnotes,
        &mut extension.alerts,
        &mut extension.math_dollars,
        &mut extension.math_code,
    ] {
        *on = true;
    }
    extension.front_matter_delimiter = Some("---".to_owned());
    options.parse.tasklist_in_table = true;
    options
}

fn is_of_ours(block: &NodeCodeBlock) -> bool {
    block.fenced && block.closed && ["sh", "yaml"].contains(&block.info.as_str())
}

/// The text below a node.
fn words<'a>(node: &'a AstNode<'a>) -> String {
    let text = |node: &'a AstNode<'a>| match &node.data.borrow().value {
        NodeValue::Text(text) => text.to_string(),
        NodeValue::Code(code) => code.literal.clone(),
        _ => String::new(),
    };
    node.descendants().map(text).collect()
}

/// Fails if anything unintended in a page is active; links may lead to `known` URLs.
#[track_caller]
pub(crate) fn assert_ours(markdown: &str, known: &BTreeSet<String>) -> Page {
    let page = Page::read(markdown);
    assert_eq!(page.foreign, Vec::<String>::new(), "{markdown}");
    assert!(page.html.iter().all(|html| is_html_of_ours(html)), "{:?} in:\n{markdown}", page.html);
    let count = |start: &str| page.html.iter().filter(|html| html.starts_with(start)).count();
    assert_eq!(count("<details"), count("</details>"), "{markdown}");
    assert!(count("<!--") == 0 || (count("<!--") == 2 && markdown.starts_with("<!-- dltflow:")), "{markdown}");
    let ours = |(url, text): &(String, String)| known.contains(url) && ["open", "run"].contains(&text.as_str());
    assert!(page.links.iter().all(ours), "{:?} in:\n{markdown}", page.links);
    assert_eq!(page.headings, 1, "{markdown}");
    assert!(page.tables <= 1 && page.cells.iter().all(|cells| *cells == 4), "{:?} in:\n{markdown}", page.cells);
    assert_eq!(acts(&page.prose), None, "{}", page.prose);
    page
}

/// A comment, or the ends of a folded part, nothing within them.
fn is_html_of_ours(html: &str) -> bool {
    let comment = |rest: &str| rest.ends_with(" -->") && rest.matches(['<', '>']).count() == 1;
    let title = |rest: &str| {
        rest.strip_suffix("</summary>")
            .is_some_and(|title| title.chars().all(|c| c.is_ascii_alphanumeric() || ":, ".contains(c)))
    };
    let folded = ["<details><summary>", "<details open><summary>"];
    html == "</details>"
        || html.strip_prefix("<!-- dltflow").is_some_and(comment)
        || folded.iter().any(|start| html.strip_prefix(start).is_some_and(title))
}

/// What GitHub would still make something of in text outside code: mark-up, mentions, references to issues and commits,
/// addresses, marks by their names, characters that cannot be seen.
pub(crate) fn acts(prose: &str) -> Option<&str> {
    let sign = |c: char| "@#<>[]*_~|&$\\`\u{fffd}".contains(c) || (c.is_control() && c != '\n');
    let hidden = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let hash = |word: &str| {
        let mut parts = word.split(|c: char| !c.is_ascii_alphanumeric());
        parts.any(|part| {
            part.len() >= 7 && part.bytes().all(|b| b.is_ascii_hexdigit()) && part.bytes().any(|b| b.is_ascii_digit())
        })
    };
    let reference = |word: &str| {
        word.split_once('-')
            .is_some_and(|(key, rest)| !key.is_empty() && rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let emoji = |word: &str| word.len() > 2 && word.starts_with(':') && word[1..].contains(':');
    prose.split([' ', '\n']).find(|word| {
        word.contains(sign)
            || word.contains(hidden)
            || hash(word)
            || reference(word)
            || emoji(word)
            || ["www.", "://", "mailto:"].iter().any(|address| word.to_ascii_lowercase().contains(address))
    })
}
