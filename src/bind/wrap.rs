//! Functions around an attribute: `tolower(A)`, `date(A)`, `indexof(A,'x')`.

use crate::diag::{Code, Problem, Result, Span};
use crate::syntax::ast::Node;
use crate::value::Kind;

use super::children;
use super::constant;
use super::functions::Wrap;
use super::refuse;
use super::scope::Setting;
use super::subject::{Part, Side, Subject};

/// A function around a side.
pub(super) fn around<'a>(
    setting: Setting<'_>,
    side: Side<'a>,
    wrap: Wrap,
    span: Span,
) -> Result<Side<'a>> {
    match side {
        Side::Attribute(subject) => wrapped(setting, subject, wrap, span).map(Side::Attribute),
        Side::Constant(_) | Side::Condition | Side::IndexOf(..) | Side::Case(_) => {
            let text = "the function cannot be used around this";
            Err(Problem::new(Code::TypeMismatch, text).at(span))
        }
        Side::Link(link) => Err(refuse::link(&link, word(wrap), span)),
        Side::Children(found) => Err(children::only_compared(&found, span)),
    }
}

/// The name of a function around an attribute.
const fn word(wrap: Wrap) -> &'static str {
    match wrap {
        Wrap::Lower => "tolower",
        Wrap::Upper => "toupper",
        Wrap::Trim => "trim",
        Wrap::Date => "date",
        Wrap::Year => "year",
    }
}

fn wrapped<'a>(
    setting: Setting<'_>,
    mut subject: Subject<'a>,
    wrap: Wrap,
    span: Span,
) -> Result<Subject<'a>> {
    let filters = subject.attribute.filters;
    let declared = match wrap {
        Wrap::Lower | Wrap::Upper | Wrap::Trim => filters.eq || filters.like,
        Wrap::Date | Wrap::Year => filters.range(),
    };
    if !declared {
        return Err(refuse::attribute(&subject, word(wrap), span));
    }
    if setting.context.strict_filters {
        return Err(refuse::strict(word(wrap), span));
    }
    let fits = match wrap {
        Wrap::Lower | Wrap::Upper | Wrap::Trim => subject.attribute.kind.is_text(),
        Wrap::Date | Wrap::Year => {
            subject.attribute.kind == Kind::DateTimeOffset && subject.part == Part::Whole
        }
    };
    if !fits {
        let text = format!("`{}` does not take `{}`", word(wrap), subject.path);
        return Err(Problem::new(Code::TypeMismatch, text)
            .about(subject.path.to_string())
            .at(span));
    }
    match wrap {
        Wrap::Lower | Wrap::Upper => subject.folded = true,
        Wrap::Trim => {
            if subject.attribute.kind == Kind::Multilanguage && subject.language.is_none() {
                let text = format!("`trim` needs one language of `{}`", subject.path);
                return Err(Problem::new(Code::FilterNotDeclared, text)
                    .about(subject.path.to_string())
                    .at(span)
                    .help(format!("write `trim({}/EN)`", subject.path)));
            }
            subject.trimmed = true;
        }
        Wrap::Date => subject.part = Part::Date,
        Wrap::Year => subject.part = Part::Year,
    }
    Ok(subject)
}

/// `indexof(A,'x')`, whose comparisons may ask whether A contains the text.
pub(super) fn index_of<'a>(
    setting: Setting<'a>,
    inner: Side<'a>,
    needle: &'a Node,
    span: Span,
) -> Result<Side<'a>> {
    match (inner, constant::fold(setting, needle)?) {
        (Side::Attribute(subject), Some(needle)) => {
            if !subject.attribute.filters.like {
                return Err(refuse::attribute(&subject, "indexof", span));
            }
            if setting.context.strict_filters {
                return Err(refuse::strict("indexof", span));
            }
            Ok(Side::IndexOf(subject, needle))
        }
        (Side::Attribute(_), None) => Err(refuse::two_properties(span)),
        (Side::Link(link), _) => Err(refuse::link(&link, "indexof", span)),
        (Side::Children(found), _) => Err(children::only_compared(&found, span)),
        (Side::Constant(_) | Side::Condition | Side::IndexOf(..) | Side::Case(_), _) => {
            let text = "`indexof` over this is not offered";
            Err(refuse::not_offered(text, span))
        }
    }
}
