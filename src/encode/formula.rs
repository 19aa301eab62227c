//! Computed values of a row.

use crate::diag::Result;
use crate::model::Model;
use crate::plan::{Formula, Query};
use crate::store::{Cell, Row};
use crate::value::{Function, Scalar};

use super::cell::{CellAt, cell_at};
use super::escape::json_string;
use super::value::{self, Form};

/// A formula over the cells of a row.
#[derive(Debug)]
pub(super) enum Compiled<'m> {
    /// The same for every row.
    Constant(Scalar),
    /// The value of a cell.
    Cell(CellAt<'m>, Form<'m>),
    /// What a function gives.
    Call(Function, Vec<Compiled<'m>>),
}

impl<'m> Compiled<'m> {
    /// A formula over the rows of a query.
    pub(super) fn new(model: &'m Model, query: &Query, formula: &Formula) -> Result<Self> {
        Ok(match formula {
            Formula::Constant(value) => Self::Constant(value.clone()),
            Formula::Cell {
                position,
                enumeration,
                language,
            } => {
                let form = match (enumeration, language) {
                    (Some(id), _) => Form::Code(model.enumeration(*id)),
                    (None, Some(key)) => Form::OneLanguage(key.clone()),
                    (None, None) => Form::Plain,
                };
                Self::Cell(cell_at(model, query, *position)?, form)
            }
            Formula::Call {
                function,
                arguments,
            } => {
                let compiled = arguments.iter().map(|of| Self::new(model, query, of));
                Self::Call(*function, compiled.collect::<Result<_>>()?)
            }
        })
    }

    /// The value for a row; null where there is none.
    pub(super) fn value<R: Row>(&self, row: &R) -> Result<Scalar> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Cell(at, form) => row.cell(at.position, at.kind, |cell| scalar(cell, form)),
            Self::Call(function, arguments) => {
                let values = arguments.iter().map(|of| of.value(row));
                let values: Vec<_> = values.collect::<Result<_>>()?;
                Ok(function.call(&values).unwrap_or(Scalar::Null))
            }
        }
    }
}

fn scalar(cell: Cell<'_>, form: &Form<'_>) -> Scalar {
    match cell {
        Cell::Null | Cell::Binary(_) => Scalar::Null,
        Cell::Boolean(flag) => Scalar::Boolean(flag),
        Cell::Integer(number) => Scalar::Integer(number),
        Cell::Guid(guid) => Scalar::Guid(guid),
        Cell::Timestamp(time) => Scalar::Moment(time),
        Cell::Text(_) => {
            let mut bytes = Vec::new();
            let written = value::text(&mut bytes, cell, form);
            match String::from_utf8(bytes) {
                Ok(text) if !written.null => Scalar::Text(text),
                Ok(_) | Err(_) => Scalar::Null,
            }
        }
    }
}

/// Appends the JSON of a value; says whether it was null. Whole and decimal numbers are strings where
/// `quoted`.
pub(super) fn json(out: &mut Vec<u8>, value: &Scalar, quoted: bool) -> bool {
    let Some(text) = value.text() else {
        out.extend_from_slice(b"null");
        return true;
    };
    let as_text = quoted && matches!(value, Scalar::Integer(_) | Scalar::Decimal(_));
    if value.is_bare() && !as_text {
        out.extend_from_slice(text.as_bytes());
    } else {
        json_string(out, &text);
    }
    false
}
