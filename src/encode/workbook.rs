//! Workbooks (XLSX): the table of `csv`, with typed cells, in constant memory.
//!
//! Rows come in as the CSV that the programs write, so that there is one table encoder; the cells
//! of a workbook have types, so nothing needs to be neutralised there.

use std::io::Write;

use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet, XlsxError};

use crate::diag::{Code, Problem, Result};
use crate::value::Timestamp;

use super::csv::{CellKind, TableColumn};
use super::page::fault;

/// Whole numbers up to here are exact in a workbook, whose numbers are doubles.
const EXACT: u64 = 1 << 53;

/// A workbook with one sheet. Rows wait in a temporary file of the system until it is saved.
pub struct Workbook {
    inner: rust_xlsxwriter::Workbook,
    columns: Vec<TableColumn>,
    time_format: Format,
    row: u32,
}

impl std::fmt::Debug for Workbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbook")
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

impl Workbook {
    /// A workbook with the headings in its first row.
    pub fn new(columns: Vec<TableColumn>) -> Result<Self> {
        let mut inner = rust_xlsxwriter::Workbook::new();
        let sheet = inner
            .add_worksheet_with_constant_memory()
            .map_err(refused)?;
        let bold = Format::new().set_bold();
        for (number, column) in (0u16..).zip(&columns) {
            sheet
                .write_string_with_format(0, number, &column.name, &bold)
                .map_err(refused)?;
        }
        Ok(Self {
            inner,
            columns,
            time_format: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000"),
            row: 0,
        })
    }

    /// Appends complete rows of CSV.
    pub fn append(&mut self, csv: &[u8]) -> Result<()> {
        let sheet = self.inner.worksheet_from_index(0).map_err(refused)?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(csv);
        let mut record = csv::StringRecord::new();
        while reader
            .read_record(&mut record)
            .map_err(|e| fault("a table does not read back").log(e.to_string()))?
        {
            self.row += 1;
            for ((number, column), text) in (0u16..).zip(&self.columns).zip(&record) {
                write_cell(
                    sheet,
                    (self.row, number),
                    column.kind,
                    text,
                    &self.time_format,
                )
                .map_err(refused)?;
            }
        }
        Ok(())
    }

    /// Writes the file.
    pub fn save(mut self, writer: impl Write + Send) -> Result<()> {
        self.inner.save_to_writer(writer).map_err(refused)
    }
}

/// Writes a cell in its type, or as text where a workbook has no such value.
fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    kind: CellKind,
    text: &str,
    time_format: &Format,
) -> std::result::Result<(), XlsxError> {
    if text.is_empty() {
        return Ok(());
    }
    match kind {
        CellKind::Boolean => sheet.write_boolean(row, column, text == "true"),
        CellKind::Integer => match exact_number(text) {
            Some(number) => sheet.write_number(row, column, number),
            None => sheet.write_string(row, column, text),
        },
        CellKind::Decimal => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => sheet.write_number(row, column, number),
            Ok(_) | Err(_) => sheet.write_string(row, column, text),
        },
        CellKind::Time => match excel_time(text) {
            Some(time) => sheet.write_datetime_with_format(row, column, &time, time_format),
            None => sheet.write_string(row, column, text),
        },
        CellKind::Text => sheet.write_string(row, column, text),
    }?;
    Ok(())
}

/// A whole number that a double holds exactly.
fn exact_number(text: &str) -> Option<f64> {
    let number: i64 = text.parse().ok()?;
    if number.unsigned_abs() > EXACT {
        return None;
    }
    text.parse().ok()
}

/// A point in time that a workbook can hold: from 1900 on.
fn excel_time(text: &str) -> Option<ExcelDateTime> {
    Timestamp::parse(text)?;
    ExcelDateTime::parse_from_str(text).ok()
}

/// A workbook that cannot be made: too many rows, a text too long for a cell, a full disk.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the form that `map_err` takes"
)]
fn refused(error: XlsxError) -> Problem {
    let (what, most) = if matches!(error, XlsxError::RowColumnLimitError) {
        (
            "the result is larger than a workbook",
            "1048575 rows and 16384 columns",
        )
    } else if matches!(error, XlsxError::MaxStringLengthExceeded) {
        (
            "a text is longer than a cell of a workbook",
            "32767 characters",
        )
    } else {
        return fault("the workbook cannot be written").log(error.to_string());
    };
    Problem::new(Code::LimitExceeded, format!("{what}: at most {most}"))
        .help("ask for `csv` or `ndjson`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_a_workbook() {
        let column = |name: &str, kind| TableColumn {
            name: name.to_owned(),
            kind,
        };
        let mut workbook = Workbook::new(vec![
            column("Login", CellKind::Text),
            column("ObjectVersion", CellKind::Integer),
            column("CreationTimeUtc", CellKind::Time),
        ])
        .unwrap();
        workbook
            .append(b"\r\n=1+1,7,2024-02-29T10:11:12.345Z\r\n\"a,\"\"b\"\"\",,")
            .unwrap();
        workbook
            .append(b"\r\nlast,9007199254740993,1800-01-01T00:00:00Z")
            .unwrap();
        assert_eq!(workbook.row, 3);
        let mut file = Vec::new();
        workbook.save(&mut file).unwrap();
        assert!(file.starts_with(b"PK"));
    }

    #[test]
    fn a_row_without_a_value_is_a_row() {
        let columns = vec![TableColumn {
            name: "Notes".to_owned(),
            kind: CellKind::Text,
        }];
        let mut workbook = Workbook::new(columns).unwrap();
        workbook.append(b"\r\n\"\"\r\nx\r\n\"\"").unwrap();
        assert_eq!(workbook.row, 3);
    }

    #[test]
    fn numbers_stay_exact() {
        assert_eq!(
            exact_number("9007199254740992"),
            Some(9_007_199_254_740_992.0)
        );
        assert_eq!(exact_number("9007199254740993"), None);
        assert_eq!(exact_number("-9223372036854775808"), None);
        assert!(excel_time("2024-02-29T10:11:12.345Z").is_some());
        assert!(excel_time("1800-01-01T00:00:00Z").is_none());
    }
}
