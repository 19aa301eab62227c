//! Places in a piece of text.

/// A byte range into the *decoded* text of one query option or of the decoded path.
///
/// Spans are for error messages only: trees that carry them compare equal whatever their spans.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`; offsets past 4 GiB saturate (the address limit is far below).
    pub fn new(start: usize, end: usize) -> Self {
        let clip = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            start: clip(start),
            end: clip(end),
        }
    }

    /// The smallest range that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The text under the span, or the empty text where the span does not fit.
    pub fn of(self, text: &str) -> &str {
        let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
        text.get(at(self.start)..at(self.end)).unwrap_or_default()
    }
}

/// A tree part and the place it was read from. Equality and hashing ignore the place.
#[derive(Debug, Clone, Default)]
pub struct At<T> {
    /// What was read.
    pub node: T,
    /// Where it was read.
    pub span: Span,
}

impl<T> At<T> {
    /// Puts a node at a place.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }

    /// A node that was made, not read: its span is empty.
    pub fn made(node: T) -> Self {
        Self {
            node,
            span: Span::default(),
        }
    }
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<T: Eq> Eq for At<T> {}
