//! Reads YAML nodes into plain values, noting every fault with its place.

use marked_yaml::types::{MarkedMappingNode, MarkedScalarNode};
use marked_yaml::{LoadError, LoaderOptions, Marker, Node};

use crate::model::Fault;

/// A place in one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    file: usize,
    line: usize,
    column: usize,
}

/// Something read, and where.
#[derive(Debug, Clone)]
pub(super) struct Spotted<T> {
    pub(super) node: T,
    pub(super) at: Spot,
}

/// Every fault found so far.
#[derive(Debug)]
pub(super) struct Faults {
    files: Vec<String>,
    list: Vec<Fault>,
}

/// A mapping whose keys have been compared with the known ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    map: &'a MarkedMappingNode,
    at: Spot,
}

impl From<&Marker> for Spot {
    fn from(marker: &Marker) -> Self {
        Self {
            file: marker.source(),
            line: marker.line(),
            column: marker.column(),
        }
    }
}

impl Spot {
    /// The start of a file.
    pub(super) const fn start(file: usize) -> Self {
        Self {
            file,
            line: 1,
            column: 1,
        }
    }

    fn of(node: &Node) -> Self {
        node.span().start().map_or(Self::start(0), Self::from)
    }

    /// The opening brace, or the first key: the parser places mappings without braces at the colon
    /// after it.
    fn of_mapping(map: &MarkedMappingNode) -> Self {
        let start = map.span().start().map_or(Self::start(0), Self::from);
        let key = map.keys().next().map(Self::of_scalar);
        key.filter(|key| (key.line, key.column) < (start.line, start.column))
            .unwrap_or(start)
    }

    fn of_scalar(node: &MarkedScalarNode) -> Self {
        node.span().start().map_or(Self::start(0), Self::from)
    }
}

impl Faults {
    pub(super) fn new(files: Vec<String>) -> Self {
        Self {
            files,
            list: Vec::new(),
        }
    }

    /// Notes a fault.
    pub(super) fn add(&mut self, at: Spot, message: impl Into<String>) {
        self.push(at, message.into(), None);
    }

    /// Notes a fault and what would be accepted.
    pub(super) fn add_help(
        &mut self,
        at: Spot,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(at, message.into(), Some(help.into()));
    }

    /// Notes an unknown word, with the nearest known one as help.
    pub(super) fn unknown<'k>(
        &mut self,
        at: Spot,
        what: &str,
        word: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let near = known
            .into_iter()
            .map(|k| {
                (
                    strsim::damerau_levenshtein(&k.to_lowercase(), &word.to_lowercase()),
                    k,
                )
            })
            .filter(|(distance, k)| *distance <= 1 + k.chars().count() / 4)
            .min();
        let help = near.map(|(_, k)| format!("did you mean `{k}`?"));
        self.push(at, format!("unknown {what} `{word}`"), help);
    }

    fn push(&mut self, at: Spot, message: String, help: Option<String>) {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let file = self.files.get(at.file).cloned().unwrap_or_default();
        self.list.push(Fault {
            file,
            line: clip(at.line),
            column: clip(at.column),
            message,
            help,
        });
    }

    /// Whether nothing is wrong so far.
    pub(super) fn none(&self) -> bool {
        self.list.is_empty()
    }

    /// All faults by file and place, each once.
    pub(super) fn sorted(mut self) -> Vec<Fault> {
        self.list.sort();
        self.list.dedup();
        self.list
    }
}

/// The top of a file. Faults of YAML itself end the reading of that file.
pub(super) fn parse(file: usize, text: &str, faults: &mut Faults) -> Option<Node> {
    let options = LoaderOptions::default().error_on_duplicate_keys(true);
    marked_yaml::parse_yaml_with_options(file, text, options)
        .map_err(|error| note_load_error(file, error, faults))
        .ok()
}

fn note_load_error(file: usize, error: LoadError, faults: &mut Faults) {
    match error {
        LoadError::DuplicateKey(keys) => {
            let message = format!("duplicate `{}`", keys.key.as_str());
            faults.add(Spot::of_scalar(&keys.key), message);
        }
        LoadError::ScanError(at, error) => {
            faults.add(Spot::from(&at), format!("not YAML: {}", error.info()))
        }
        LoadError::TopLevelMustBeMapping(_) | LoadError::TopLevelMustBeSequence(_) => {
            faults.add(
                Spot::start(file),
                "a metadata file is a mapping of keys to values",
            );
        }
        LoadError::UnexpectedAnchor(at) => {
            faults.add(Spot::from(&at), "anchors are not used in metadata")
        }
        LoadError::MappingKeyMustBeScalar(at) => {
            faults.add(Spot::from(&at), "a key is a plain word")
        }
        LoadError::UnexpectedTag(at) => {
            faults.add(Spot::from(&at), "tags are not used in metadata")
        }
    }
}

impl<'a> Fields<'a> {
    /// A mapping; unknown keys are noted. `what` names it in messages.
    pub(super) fn read(
        node: &'a Node,
        what: &str,
        known: &[&str],
        faults: &mut Faults,
    ) -> Option<Self> {
        let Some(map) = node.as_mapping() else {
            faults.add(
                Spot::of(node),
                format!("{what} is a mapping of keys to values"),
            );
            return None;
        };
        for key in map.keys() {
            if !known.contains(&key.as_str()) {
                let at = Spot::of_scalar(key);
                faults.unknown(at, "key", key.as_str(), known.iter().copied());
            }
        }
        Some(Self {
            map,
            at: Spot::of_mapping(map),
        })
    }

    /// Where a key's value stands, else the mapping.
    pub(super) fn at(&self, key: &str) -> Spot {
        self.map.get_node(key).map_or(self.at, Spot::of)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.map.get_node(key).is_some()
    }

    pub(super) fn node(&self, key: &str) -> Option<&'a Node> {
        self.map.get_node(key)
    }

    /// A text, where the key is given.
    pub(super) fn text(&self, key: &str, faults: &mut Faults) -> Option<Spotted<String>> {
        scalar(self.map.get_node(key)?, key, faults)
    }

    /// A text that must be given.
    pub(super) fn needed(
        &self,
        key: &str,
        what: &str,
        faults: &mut Faults,
    ) -> Option<Spotted<String>> {
        if !self.has(key) {
            faults.add(self.at, format!("{what} needs `{key}`"));
        }
        self.text(key, faults)
    }

    /// `true` or `false`; false where the key is missing.
    pub(super) fn flag(&self, key: &str, faults: &mut Faults) -> bool {
        let Some(text) = self.text(key, faults) else {
            return false;
        };
        match text.node.as_str() {
            "true" => true,
            "false" => false,
            _ => {
                faults.add(text.at, format!("`{key}` is `true` or `false`"));
                false
            }
        }
    }

    /// A whole number, where the key is given.
    pub(super) fn number<N: std::str::FromStr>(&self, key: &str, faults: &mut Faults) -> Option<N> {
        let text = self.text(key, faults)?;
        let number = text.node.parse().ok();
        if number.is_none() {
            faults.add(
                text.at,
                format!("`{key}` is a whole number, not `{}`", text.node),
            );
        }
        number
    }

    /// One word of a table.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        table: &[(&str, T)],
        faults: &mut Faults,
    ) -> Option<T> {
        let text = self.text(key, faults)?;
        let found = table.iter().find(|(word, _)| *word == text.node);
        if found.is_none() {
            let words: Vec<_> = table.iter().map(|(word, _)| format!("`{word}`")).collect();
            let message = format!("`{key}` cannot be `{}`", text.node);
            faults.add_help(
                text.at,
                message,
                format!("it is one of {}", words.join(", ")),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// A list of texts; empty where the key is missing.
    pub(super) fn texts(&self, key: &str, faults: &mut Faults) -> Vec<Spotted<String>> {
        self.items(key, faults)
            .into_iter()
            .filter_map(|node| scalar(node, key, faults))
            .collect()
    }

    /// The items of a list; empty where the key is missing.
    pub(super) fn items(&self, key: &str, faults: &mut Faults) -> Vec<&'a Node> {
        let Some(node) = self.map.get_node(key) else {
            return Vec::new();
        };
        let Some(list) = node.as_sequence() else {
            faults.add(Spot::of(node), format!("`{key}` is a list"));
            return Vec::new();
        };
        list.iter().collect()
    }

    /// The named members of a mapping, in the order of the file; empty where the key is missing.
    pub(super) fn members(
        &self,
        key: &str,
        faults: &mut Faults,
    ) -> Vec<(Spotted<String>, &'a Node)> {
        let node = self.map.get_node(key);
        node.map(|node| named(node, &format!("`{key}`"), faults))
            .unwrap_or_default()
    }
}

/// The members of a mapping whose keys are names, not words that we know.
pub(super) fn named<'a>(
    node: &'a Node,
    what: &str,
    faults: &mut Faults,
) -> Vec<(Spotted<String>, &'a Node)> {
    let Some(map) = node.as_mapping() else {
        faults.add(Spot::of(node), format!("{what} is a mapping of names"));
        return Vec::new();
    };
    let spotted = |name: &MarkedScalarNode| {
        let at = Spot::of_scalar(name);
        Spotted {
            node: name.as_str().to_owned(),
            at,
        }
    };
    map.iter()
        .map(|(name, node)| (spotted(name), node))
        .collect()
}

pub(super) fn scalar(node: &Node, key: &str, faults: &mut Faults) -> Option<Spotted<String>> {
    let at = Spot::of(node);
    let Some(text) = node.as_scalar() else {
        faults.add(at, format!("`{key}` is one value, not a list or mapping"));
        return None;
    };
    if text.contains('\0') {
        faults.add(at, format!("`{key}` contains U+0000"));
        return None;
    }
    Some(Spotted {
        node: text.as_str().to_owned(),
        at,
    })
}
