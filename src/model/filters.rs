//! The declared filters of an attribute or reference.

/// One word of a declaration, as the source writes it: `Filter(multi eq;like)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Declared {
    /// `eq`: equality.
    Eq,
    /// `multi eq`: equality and `in`.
    MultiEq,
    /// `ge`: greater than or equal, and its complement `lt`.
    Ge,
    /// `le`: less than or equal, and its complement `gt`.
    Le,
    /// `like`: the text functions.
    Like,
}

impl Declared {
    /// The word in `metadata/`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::MultiEq => "multi eq",
            Self::Ge => "ge",
            Self::Le => "le",
            Self::Like => "like",
        }
    }

    /// Reads the word of `metadata/`.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Eq, Self::MultiEq, Self::Ge, Self::Le, Self::Like]
            .into_iter()
            .find(|d| d.word() == word)
    }
}

/// The declared filters of one attribute (`docs/API-DESIGN.md`, *Declared filters*).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Filters {
    /// `eq` or `multi eq` is declared.
    pub eq: bool,
    /// `multi eq` is declared: lists too.
    pub multi: bool,
    /// `ge` is declared.
    pub ge: bool,
    /// `le` is declared.
    pub le: bool,
    /// `like` is declared.
    pub like: bool,
}

impl Filters {
    /// No filter at all.
    pub const NONE: Self = Self {
        eq: false,
        multi: false,
        ge: false,
        le: false,
        like: false,
    };

    /// From the words of a declaration.
    pub fn of(words: &[Declared]) -> Self {
        words.iter().fold(Self::NONE, |mut all, word| {
            match word {
                Declared::Eq => all.eq = true,
                Declared::MultiEq => (all.eq, all.multi) = (true, true),
                Declared::Ge => all.ge = true,
                Declared::Le => all.le = true,
                Declared::Like => all.like = true,
            }
            all
        })
    }

    /// Whether anything is declared.
    pub const fn any(self) -> bool {
        self.eq || self.ge || self.le || self.like
    }

    /// Whether an order of values may be asked for (`ge` or `le`).
    pub const fn range(self) -> bool {
        self.ge || self.le
    }

    /// The words of the declaration, for messages: `multi eq`, `like`.
    pub fn words(self) -> Vec<&'static str> {
        let eq = if self.multi {
            Declared::MultiEq
        } else {
            Declared::Eq
        };
        [
            (self.eq, eq),
            (self.ge, Declared::Ge),
            (self.le, Declared::Le),
            (self.like, Declared::Like),
        ]
        .into_iter()
        .filter_map(|(on, word)| on.then_some(word.word()))
        .collect()
    }

    /// The vendor's flags text, such as `Equals, Like, EqualsIn`, or `NotFilterable`.
    pub fn flags(self) -> String {
        let flags: Vec<_> = [
            (self.eq, "Equals"),
            (self.range(), "GreaterThanOrLessThan"),
            (self.like, "Like"),
            (self.multi, "EqualsIn"),
        ]
        .into_iter()
        .filter_map(|(on, word)| on.then_some(word))
        .collect();
        if flags.is_empty() {
            "NotFilterable".to_owned()
        } else {
            flags.join(", ")
        }
    }
}
