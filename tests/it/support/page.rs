//! A page of Markdown, read back as GitHub's dialect.

use std::collections::BTreeSet;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

/// What a page is made of, as far as it matters here.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) html: Vec<String>,
    pub(crate) links: Vec<String>,
    pub(crate) images: usize,
    pub(crate) headings: usize,
    pub(crate) cells: BTreeSet<usize>,
    pub(crate) tables: usize,
    /// Text outside code.
    pub(crate) prose: String,
}

impl Page {
    pub(crate) fn read(markdown: &str) -> Self {
        let arena = Arena::new();
        let mut options = Options::default();
        options.extension.table = true;
        options.extension.autolink = true;
        options.extension.strikethrough = true;
        options.extension.footnotes = true;
        let mut page = Self::default();
        for node in parse_document(&arena, markdown, &options).descendants() {
            page.note(node);
        }
        page
    }

    fn note<'a>(&mut self, node: &'a AstNode<'a>) {
        match &node.data.borrow().value {
            NodeValue::HtmlBlock(block) => self.html.push(block.literal.trim().to_owned()),
            NodeValue::HtmlInline(html) => self.html.push(html.clone()),
            NodeValue::Link(link) => self.links.push(link.url.clone()),
            NodeValue::Image(_) => self.images += 1,
            NodeValue::Heading(_) => self.headings += 1,
            NodeValue::Table(_) => self.tables += 1,
            NodeValue::TableRow(_) => _ = self.cells.insert(node.children().count()),
            NodeValue::Text(text) => self.prose.push_str(text),
            NodeValue::SoftBreak | NodeValue::LineBreak | NodeValue::Paragraph => self.prose.push('\n'),
            _ => {}
        }
    }
}

/// Fails where anything in a page of ours acts that we did not put there; links may lead to `known` addresses.
#[track_caller]
pub(crate) fn assert_ours(markdown: &str, known: &BTreeSet<String>) -> Page {
    let page = Page::read(markdown);
    let ours = |html: &String| html.starts_with("<!-- dltflow") || html.starts_with("<details") || html == "</details>";
    assert!(page.html.iter().all(ours), "{:?} in:\n{markdown}", page.html);
    let closed = |html: &String| html.matches("<!--").count() == html.matches("-->").count();
    assert!(page.html.iter().all(closed), "{:?}", page.html);
    assert!(page.links.iter().all(|link| known.contains(link)), "{:?} in:\n{markdown}", page.links);
    assert_eq!((page.images, page.headings), (0, 1), "{markdown}");
    assert!(!page.prose.contains(['@', '<', '#', '\u{202e}', '\u{200b}', '\u{1b}']), "{}", page.prose);
    let count = |start: &str| page.html.iter().filter(|html| html.starts_with(start)).count();
    assert_eq!(count("<details"), count("</details>"), "{markdown}");
    page
}
