//! Where a row holds a value, and the form in which an attribute's values are written.

use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, ColumnKind, Model};
use crate::plan::{Member, OutputKind, Query, Term, TimePart};
use crate::value::Kind;

use super::style::{Control, MetadataLevel, Style};
use super::value::Form;

/// Where a row holds a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct CellAt<'m> {
    /// The position in the row.
    pub(super) position: usize,
    /// The kind of the column there.
    pub(super) kind: &'m ColumnKind,
}

/// The kind of the column that a query gives at `position`.
pub(super) fn cell_at<'m>(model: &'m Model, query: &Query, position: usize) -> Result<CellAt<'m>> {
    let term = query.columns.get(position).ok_or_else(|| {
        Problem::new(
            Code::Internal,
            "a shape names a column that its query lacks",
        )
    })?;
    Ok(CellAt {
        position,
        kind: term_kind(model, term),
    })
}

/// The kind of a term.
fn term_kind<'m>(model: &'m Model, term: &Term) -> &'m ColumnKind {
    match term {
        Term::Column(column) => &model.table(column.table).column(column.no).kind,
        Term::Trimmed(inner) => term_kind(model, inner),
        Term::Language { .. } | Term::LanguageOrFirst { .. } => &ColumnKind::Folded,
        Term::TimePart { part, .. } => match part {
            TimePart::Year
            | TimePart::Month
            | TimePart::Day
            | TimePart::Hour
            | TimePart::Minute => &ColumnKind::Integer,
            TimePart::Date | TimePart::YearMonth => &ColumnKind::Text,
        },
        Term::Piece { .. } => &ColumnKind::Text,
        Term::Output(output) => match output.kind {
            OutputKind::Text => &ColumnKind::Text,
            OutputKind::Integer => &ColumnKind::Integer,
            OutputKind::Boolean => &ColumnKind::Boolean,
            OutputKind::Guid => &ColumnKind::Guid,
            OutputKind::Timestamp => &ColumnKind::Timestamp,
        },
    }
}

/// Whether values of this kind are JSON strings under `IEEE754Compatible`.
pub(super) fn plain_form(kind: Kind, style: &Style) -> Form<'static> {
    if style.ieee754 && kind == Kind::Int64 {
        Form::Quoted
    } else {
        Form::Plain
    }
}

/// The form of a part of a custom property's value: a text, a guid, or texts in several languages, of
/// which perhaps one is wanted.
pub(super) fn part_form(kind: Kind, language: Option<&String>, style: &Style) -> Form<'static> {
    let typed = (style.metadata == MetadataLevel::Full).then_some(style.control);
    match (kind, language) {
        (_, Some(key)) => Form::OneLanguage(key.clone()),
        (Kind::Multilanguage, None) => Form::Languages { typed },
        (_, None) => Form::Plain,
    }
}

/// What is written of the value of a custom property.
#[derive(Debug)]
pub(super) struct CustomForm {
    /// How the object says its type, where it does.
    pub(super) typed: Option<Control>,
    /// The forms of the short value, of what it stands for and of what it means; nothing for what is
    /// left out.
    pub(super) parts: [Option<Form<'static>>; 3],
}

impl CustomForm {
    /// The chosen parts; all of them where none is.
    pub(super) fn of(chosen: &[Member], style: &Style) -> Self {
        let typed = (style.metadata == MetadataLevel::Full).then_some(style.control);
        let is_all = chosen.is_empty();
        let (mut value, mut value_id, mut texts, mut keys) = (is_all, is_all, is_all, Vec::new());
        for part in chosen {
            if let Member::CustomPart { kind, language, .. } = part {
                match (kind, language) {
                    (Kind::Guid, _) => value_id = true,
                    (Kind::Multilanguage, _) => texts = true,
                    (_, Some(key)) => keys.push(key.clone()),
                    (_, None) => value = true,
                }
            }
        }
        let means = match (texts, keys.is_empty()) {
            (true, _) => Some(Form::Languages { typed }),
            (false, true) => None,
            (false, false) => Some(Form::SomeLanguages { keys, typed }),
        };
        let plain = |is_chosen: bool| is_chosen.then_some(Form::Plain);
        Self {
            typed,
            parts: [plain(value), plain(value_id), means],
        }
    }
}

/// The form of an attribute's values.
pub(super) fn form<'m>(
    model: &'m Model,
    attribute: &Attribute,
    languages: &[String],
    style: &Style,
) -> Form<'m> {
    let typed = (style.metadata == MetadataLevel::Full).then_some(style.control);
    match (attribute.kind, attribute.enumeration) {
        (Kind::Enumeration, Some(id)) => Form::Code(model.enumeration(id)),
        (Kind::Multilanguage, _) if languages.is_empty() => Form::Languages { typed },
        (Kind::Multilanguage, _) => Form::SomeLanguages {
            keys: languages.to_vec(),
            typed,
        },
        (kind, _) => plain_form(kind, style),
    }
}
