//! Text functions over attributes, in one language or any.

use crate::diag::{Code, Problem, Result, Span};
use crate::plan::{CompareOperator, MatchKind, Predicate, Term};
use crate::value::{Kind, LANGUAGE_SEPARATOR, LANGUAGE_START, fold};

use super::compare::{self, Comparison};
use super::constant::Constant;
use super::predicate::outcome;
use super::refuse;
use super::subject::{Part, Subject};
use super::tables::Located;
use super::truth::Want;
use super::types;

/// One language of a multi-language attribute; nothing where none is named.
pub(super) fn language_term(subject: &Subject<'_>, located: Located) -> Option<Term> {
    let key = subject.language.clone()?;
    let term = Term::Language {
        shadow: located.shadow.unwrap_or(located.column),
        key,
    };
    Some(if subject.trimmed {
        Term::Trimmed(Box::new(term))
    } else {
        term
    })
}

/// What a text function looks for, and where.
pub(super) struct Search {
    term: Term,
    kind: MatchKind,
    needle: String,
    nullable: bool,
}

impl Search {
    /// The predicate for the wanted outcomes; the function is null where the term is.
    pub(super) fn wanted(&self, want: Want) -> Predicate {
        let or_null = want.null && self.nullable;
        // Every text holds the empty one.
        let found = |negated: bool| match (self.needle.is_empty(), negated) {
            (true, true) => self.null(or_null),
            (true, false) if or_null => Predicate::Always,
            (true, false) => self.not_null(),
            (false, negated) => Predicate::Match {
                term: self.term.clone(),
                kind: self.kind,
                needle: self.needle.clone(),
                negated,
                or_null,
            },
        };
        match (want.yes, want.no) {
            (true, false) => found(false),
            (false, true) => found(true),
            (true, true) if or_null => Predicate::Always,
            (true, true) => self.not_null(),
            (false, false) => self.null(or_null),
        }
    }

    fn null(&self, wanted: bool) -> Predicate {
        if wanted {
            Predicate::Null {
                term: self.term.clone(),
                negated: false,
            }
        } else {
            Predicate::Never
        }
    }

    fn not_null(&self) -> Predicate {
        if self.nullable {
            Predicate::Null {
                term: self.term.clone(),
                negated: true,
            }
        } else {
            Predicate::Always
        }
    }
}

/// `contains(A,'x')` and its siblings.
pub(super) fn matching(
    subject: &Subject<'_>,
    kind: MatchKind,
    form: &'static str,
    (needle, needle_span): (&Constant<'_>, Span),
    span: Span,
    want: Want,
) -> Result<Predicate> {
    let located = match subject.located {
        Some(located) if subject.attribute.filters.like && subject.part == Part::Whole => located,
        Some(_) | None => return Err(refuse::comparison(subject, form, needle, span)),
    };
    if *needle == Constant::Null {
        return Ok(outcome(None, want));
    }
    let Some(text) = types::text(needle) else {
        let text = format!("`{form}` looks for a text, not for {}", needle.noun());
        return Err(Problem::new(Code::TypeMismatch, text)
            .about(subject.path.to_string())
            .at(needle_span)
            .help("write it in single quotes"));
    };
    Ok(search(subject, located, kind, text, needle_span)?.wanted(want))
}

/// Where a text function looks, and for what.
fn search(
    subject: &Subject<'_>,
    located: Located,
    kind: MatchKind,
    text: &str,
    span: Span,
) -> Result<Search> {
    if subject.attribute.kind == Kind::Multilanguage {
        types::plain(text, span)?;
        return Ok(match language_term(subject, located) {
            Some(term) => Search {
                term,
                kind,
                needle: fold(text),
                nullable: true,
            },
            None => any(located, kind, &fold(text)),
        });
    }
    let (term, needle) = compare::compared_text(subject, located, text.to_owned());
    Ok(Search {
        term,
        kind,
        needle,
        nullable: located.nullable,
    })
}

/// A match in any language: where a language starts and ends is marked in the shadow
/// ([`crate::value::fold_multilanguage`]), so that each kind is a `contains`.
pub(super) fn any(located: Located, kind: MatchKind, folded: &str) -> Search {
    let needle = match kind {
        MatchKind::Contains => folded.to_owned(),
        MatchKind::StartsWith => format!("{LANGUAGE_START}{folded}"),
        MatchKind::EndsWith => format!("{folded}{LANGUAGE_SEPARATOR}"),
    };
    Search {
        term: Term::Column(located.shadow.unwrap_or(located.column)),
        kind: MatchKind::Contains,
        needle,
        nullable: located.nullable,
    }
}

/// Equality with the text of any language.
pub(super) fn any_language(
    subject: &Subject<'_>,
    located: Located,
    folded: &str,
    comparison: &Comparison,
    negated: bool,
) -> Predicate {
    Predicate::Match {
        term: subject.term(located.shadow.unwrap_or(located.column)),
        kind: MatchKind::Contains,
        needle: format!("{LANGUAGE_START}{folded}{LANGUAGE_SEPARATOR}"),
        negated: (comparison.operator == CompareOperator::Ne) != negated,
        or_null: located.nullable && (comparison.true_for_null() != negated),
    }
}

/// A text function of constants.
pub(super) fn constants(
    kind: MatchKind,
    text: &Constant<'_>,
    needle: &Constant<'_>,
    want: Want,
    span: Span,
) -> Result<Predicate> {
    if *text == Constant::Null || *needle == Constant::Null {
        return Ok(outcome(None, want));
    }
    let (Some(text), Some(needle)) = (types::text(text), types::text(needle)) else {
        let text = "text functions take texts";
        return Err(Problem::new(Code::TypeMismatch, text).at(span));
    };
    let found = match kind {
        MatchKind::Contains => text.contains(needle),
        MatchKind::StartsWith => text.starts_with(needle),
        MatchKind::EndsWith => text.ends_with(needle),
    };
    Ok(outcome(Some(found), want))
}

/// `indexof(A,'x') eq -1` and its siblings, which ask whether A contains the text.
pub(super) fn index_of(
    subject: &Subject<'_>,
    needle: &Constant<'_>,
    comparison: &Comparison,
    constant: &Constant<'_>,
    want: Want,
) -> Result<Predicate> {
    use CompareOperator::{Eq, Ge, Gt, Le, Lt, Ne};
    let contains = match (comparison.operator, constant) {
        (Ge, Constant::Integer(0)) | (Gt | Ne, Constant::Integer(-1)) => true,
        (Eq | Le, Constant::Integer(-1)) | (Lt, Constant::Integer(0)) => false,
        (operator, _) => {
            let problem = refuse::attribute(subject, "indexof", subject.span);
            let starts = operator == Eq && *constant == Constant::Integer(0);
            let form = if starts { "startswith" } else { "contains" };
            return Err(problem.help(format!("write `{form}({},{needle})`", subject.path)));
        }
    };
    // The index of null is null, and a comparison with it is false but for `ne`.
    let null_is = comparison.true_for_null();
    let mut inner = if contains {
        Want {
            yes: want.yes,
            no: want.no,
            null: false,
        }
    } else {
        Want {
            yes: want.no,
            no: want.yes,
            null: false,
        }
    };
    inner.null = want.has(Some(null_is));
    let (form, span) = ("contains", subject.span);
    matching(
        subject,
        MatchKind::Contains,
        form,
        (needle, comparison.value_span),
        span,
        inner,
    )
}
