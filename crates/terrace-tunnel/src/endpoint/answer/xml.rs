//! Writing XML: elements and text, nothing else.
//!
//! GUARANTEE: whatever text is given, what comes out is well-formed; what XML cannot say is left out.

/// A document being written.
pub(super) struct Xml {
    text: String,
    root: String,
}

impl Xml {
    /// Begins a document, with the namespace that its reader may want.
    pub(super) fn begin(root: &str, namespace: Option<&str>) -> Self {
        let namespace = namespace.map(|uri| format!(" xmlns=\"{uri}\"")).unwrap_or_default();
        let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}{namespace}>");
        Self { text, root: root.to_owned() }
    }

    /// An element with text.
    pub(super) fn leaf(&mut self, name: &str, value: &str) -> &mut Self {
        self.within(name, |xml| value.chars().for_each(|c| xml.push(c)))
    }

    /// An element with elements.
    pub(super) fn within(&mut self, name: &str, inner: impl FnOnce(&mut Self)) -> &mut Self {
        for part in ["<", name, ">"] {
            self.text.push_str(part);
        }
        inner(self);
        for part in ["</", name, ">"] {
            self.text.push_str(part);
        }
        self
    }

    /// The document.
    pub(super) fn end(&mut self) -> String {
        let mut text = std::mem::take(&mut self.text);
        for part in ["</", &self.root, ">"] {
            text.push_str(part);
        }
        text
    }

    fn push(&mut self, c: char) {
        match c {
            '&' => self.text.push_str("&amp;"),
            '<' => self.text.push_str("&lt;"),
            '>' => self.text.push_str("&gt;"),
            '\t' | '\n' | '\r' => self.text.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => self.text.push(c),
        }
    }
}
