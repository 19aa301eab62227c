//! A fault as data: code, message, target, place, help.

use std::fmt;

use super::{Code, Span};

/// Why a request, a model or a start-up was refused.
///
/// Messages start in lower case, have no full stop, put names and input in backticks, and never
/// hold secrets, SQL text or Rust type names.
#[derive(Clone)]
pub struct Problem(Box<Parts>);

#[derive(Clone)]
struct Parts {
    code: Code,
    rule: Option<&'static str>,
    message: String,
    target: Option<String>,
    span: Option<Span>,
    source: Option<Source>,
    help: Vec<String>,
    methods: Option<&'static str>,
    retry_after: Option<u64>,
    details: Vec<Problem>,
    log: Option<String>,
}

/// The text a span points into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What the text is, such as `$filter` or `path`.
    pub name: String,
    /// The decoded text; of a long one what stands around the place.
    pub text: String,
}

/// Bytes of a message or a target at most: they repeat what was sent.
const LONGEST: usize = 2_000;

/// The beginning of a text that is too long to be repeated.
fn cut(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let end = text.floor_char_boundary(LONGEST);
    format!("{}…", text.get(..end).unwrap_or_default())
}

impl Problem {
    /// A problem without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            rule: None,
            message: cut(message.into()),
            target: None,
            span: None,
            source: None,
            help: Vec::new(),
            methods: None,
            retry_after: None,
            details: Vec::new(),
            log: None,
        }))
    }

    /// What a business rule refused: its code takes the place of the word of the table.
    pub fn rule(code: &'static str, message: impl Into<String>) -> Self {
        let mut problem = Self::new(Code::RuleRefused, message);
        problem.0.rule = Some(code);
        problem
    }

    /// Points at a place; [`Problem::within`] later says in which text.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    /// Names the attribute, option or payload path the problem is about.
    #[must_use]
    pub fn about(mut self, target: impl Into<String>) -> Self {
        self.0.target.get_or_insert_with(|| cut(target.into()));
        self
    }

    /// Puts the path of the object that the problem is in before its target, and before those of
    /// its details: `Groups/0` and `Group` give `Groups/0/Group`.
    #[must_use]
    pub fn inside(mut self, path: &str) -> Self {
        if path.is_empty() {
            return self;
        }
        self.0.target = Some(match self.0.target.take() {
            Some(target) => format!("{path}/{target}"),
            None => path.to_owned(),
        });
        let details = std::mem::take(&mut self.0.details);
        self.0.details = details.into_iter().map(|d| d.inside(path)).collect();
        self
    }

    /// Adds a sentence that says what would be accepted.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help.push(help.into());
        self
    }

    /// Says which HTTP methods would be accepted, as the header `Allow` lists them.
    #[must_use]
    pub fn takes(mut self, methods: &'static str) -> Self {
        self.0.methods = Some(methods);
        self.help(format!("it takes {methods}"))
    }

    /// Says after how many seconds the same request may work, as the header `Retry-After` does.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Says which text the spans of this problem and of its details point into, unless a deeper
    /// caller already did. Of a long text only what stands around the place is kept.
    #[must_use]
    pub fn within(mut self, name: &str, text: &str) -> Self {
        let details = std::mem::take(&mut self.0.details);
        self.0.details = details.into_iter().map(|d| d.within(name, text)).collect();
        if self.0.source.is_none() {
            let (text, span) = super::caret::excerpt(text, self.0.span);
            self.0.span = span;
            self.0.source = Some(Source {
                name: name.to_owned(),
                text: text.to_owned(),
            });
        }
        self
    }

    /// Adds another problem of the same request.
    #[must_use]
    pub fn with_detail(mut self, detail: Self) -> Self {
        self.0.details.push(detail);
        self
    }

    /// What only the log may say (driver messages); never sent to a caller.
    #[must_use]
    pub fn log(mut self, text: impl Into<String>) -> Self {
        self.0.log = Some(text.into());
        self
    }

    /// The kind of fault.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The word that goes into `error.code`: that of the code, or the code of a business rule.
    pub fn word(&self) -> &'static str {
        self.0.rule.unwrap_or(self.0.code.word())
    }

    /// What is wrong, without help and place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the problem is about.
    pub fn target(&self) -> Option<&str> {
        self.0.target.as_deref()
    }

    /// Where it is, in the text of [`Problem::source`].
    pub fn span(&self) -> Option<Span> {
        self.0.span
    }

    /// The text that the span points into.
    pub fn source(&self) -> Option<&Source> {
        self.0.source.as_ref()
    }

    /// What would be accepted.
    pub fn helps(&self) -> &[String] {
        &self.0.help
    }

    /// The HTTP methods that would be accepted, where it was the method that was not.
    pub fn methods(&self) -> Option<&'static str> {
        self.0.methods
    }

    /// After how many seconds the same request may work, where that is known.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.0.retry_after
    }

    /// The other problems of the same request.
    pub fn details(&self) -> &[Self] {
        &self.0.details
    }

    /// What only the log may say.
    pub fn log_text(&self) -> Option<&str> {
        self.0.log.as_deref()
    }

    /// One problem out of many: the first carries the rest as details.
    pub fn all(problems: Vec<Self>) -> Option<Self> {
        let mut rest = problems.into_iter();
        let first = rest.next()?;
        Some(rest.fold(first, Self::with_detail))
    }

    /// The offending text with a caret under the place, two lines, or nothing without a place.
    ///
    /// Long texts are cut to a window around the caret.
    pub fn caret(&self) -> Option<String> {
        let (span, source) = (self.0.span?, self.0.source.as_ref()?);
        Some(super::caret::draw(&source.text, span))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for help in &self.0.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

/// For logs and tests: with the caret, the details and what only the log may say.
impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.word())?;
        if let Some(caret) = self.caret() {
            write!(f, "\n{caret}")?;
        }
        if let Some(log) = &self.0.log {
            write!(f, "\n(log: {log})")?;
        }
        for detail in &self.0.details {
            write!(f, "\n{detail:?}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
