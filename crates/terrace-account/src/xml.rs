//! Answers in XML as trees.

/// An element with what stands in it; its namespace is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Xml {
    name: String,
    text: String,
    children: Vec<Self>,
}

/// Deeper answers than any of AWS's.
const DEEPEST: usize = 64;

impl Xml {
    /// Reads a document: at most two million nodes, and none deeper than any of AWS's.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let options = roxmltree::ParsingOptions { nodes_limit: 2_000_000, ..Default::default() };
        let document =
            roxmltree::Document::parse_with_options(text, options).map_err(|error| error.to_string())?;
        Ok(Self::of(document.root_element(), 0))
    }

    fn of(node: roxmltree::Node<'_, '_>, depth: usize) -> Self {
        let children = node.children().filter(|child| child.is_element() && depth < DEEPEST);
        Self {
            name: node.tag_name().name().to_owned(),
            text: node.text().unwrap_or_default().trim().to_owned(),
            children: children.map(|child| Self::of(child, depth + 1)).collect(),
        }
    }

    /// Its own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first element of a name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The element at a path, each name inside of the one before.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.get(name))
    }

    /// The text of an element; none if it is empty.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.get(name).map(Self::own).filter(|text| !text.is_empty())
    }

    /// Its own text.
    pub fn own(&self) -> &str {
        &self.text
    }

    /// Whether an element says `true`.
    pub fn is(&self, name: &str) -> bool {
        self.word(name) == Some("true")
    }

    /// The items of a list.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.get(name).into_iter().flat_map(|list| list.children.iter())
    }

    /// The texts of a list.
    pub fn words(&self, name: &str) -> Vec<String> {
        self.list(name).map(|item| item.own().to_owned()).filter(|text| !text.is_empty()).collect()
    }

    /// Every element of a name, however deep.
    pub fn find<'a>(&'a self, name: &str) -> Option<&'a Self> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// All children.
    pub fn children(&self) -> &[Self] {
        &self.children
    }
}
