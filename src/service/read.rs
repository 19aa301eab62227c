//! The story of one read: rows from the database into the form that was asked for.

use std::cell::Cell;
use std::time::Instant;

use uuid::Uuid;

use super::body::{Body, FileWriter, IntoWorkbook, ROOM, not_found};
use super::negotiate::{Format, JsonForm};
use super::{Head, Output, PreparedRead};
use crate::diag::{Code, Problem, Result};
use crate::encode::{
    self, Between, CellGuard, MetadataLevel, Notation, PageEnd, Property, Rows, Single, Source,
    Style, Workbook,
};
use crate::model::{Model, Table};
use crate::plan::{Answer, Column, Query, ReadPlan, SkipToken, Slot, SubQuery};

/// Bytes that a row of default attributes usually takes.
const USUAL_ROW: usize = 1024;

/// A database session as the story needs it.
pub(super) trait Reader: Source {
    /// The number of rows of a query, whatever its page.
    fn count(&mut self, query: &Query) -> Result<u64>;

    /// Whether a query gives any row.
    fn exists(&mut self, query: &SubQuery) -> Result<bool>;
}

/// Runs a read and feeds `out`; answers the number of rows of a collection.
pub(super) fn answer<R: Reader, O: Output>(
    model: &Model,
    read: &PreparedRead,
    reader: &mut R,
    out: &mut O,
) -> Result<u64> {
    let head = Head {
        status: 200,
        content_type: Some(read.format.content_type()),
        etag: None,
        odata_version: read.odata_version.text(),
        preference_applied: read.preference_applied.clone(),
        length: None,
        timings: read.timings,
    };
    let body = Body::new(out, head, read.head_only, Instant::now());
    let story = Story {
        model,
        read,
        plan: &read.plan,
        style: style(read),
        context: context(model, read),
        sent: Cell::default(),
    };
    match read.plan.answer {
        Answer::Collection | Answer::CollectionLinks => match read.format {
            Format::Json(form) => story.page(form, reader, body),
            Format::Csv => story.csv(reader, body),
            Format::Xlsx => story.workbook(reader, body),
            Format::NdJson | Format::Xml | Format::Text | Format::Binary => {
                story.lines(reader, body)
            }
        },
        Answer::Count => story.count(reader, body),
        Answer::Entity | Answer::EntityLink | Answer::Property | Answer::RawValue => {
            story.single(reader, body)
        }
    }?;
    Ok(story.sent.get())
}

/// Reads several entities of one set at once: `read` is the read of one of them. The bodies by key.
pub(super) fn entities<R: Reader>(
    model: &Model,
    read: &PreparedRead,
    keys: &[Uuid],
    reader: &mut R,
) -> Result<Vec<(Uuid, Single)>> {
    let mut query = read.plan.query.clone();
    let key = Column {
        slot: Slot::BASE,
        table: query.entity,
        no: Table::KEY,
    };
    query.predicate = query.predicate.for_keys(key, keys);
    let (shape, context) = (&read.plan.shape, context(model, read));
    encode::entities(
        model,
        &query,
        shape,
        &style(read),
        context.as_deref(),
        reader,
    )
}

/// How rows are written for a format.
fn style(read: &PreparedRead) -> Style {
    let (notation, form) = match read.format {
        Format::Json(form) => (Notation::Json, form),
        Format::NdJson => (
            Notation::Json,
            JsonForm {
                metadata: MetadataLevel::None,
                ieee754: false,
            },
        ),
        Format::Csv => (Notation::Csv(CellGuard::Neutralised), JsonForm::default()),
        Format::Xlsx => (Notation::Csv(CellGuard::Verbatim), JsonForm::default()),
        Format::Xml | Format::Text | Format::Binary => (Notation::Json, JsonForm::default()),
    };
    Style {
        notation,
        metadata: form.metadata,
        ieee754: form.ieee754,
        skip_nulls: read.plan.skip_nulls,
        language: read.language.clone(),
    }
}

/// The context URL, where the answer carries one.
fn context(model: &Model, read: &PreparedRead) -> Option<String> {
    match read.format {
        Format::Json(form) if form.metadata != MetadataLevel::None => {
            encode::context_url(model, &read.root, &read.plan.answer, &read.plan.shape)
        }
        Format::Json(_)
        | Format::Xml
        | Format::NdJson
        | Format::Csv
        | Format::Xlsx
        | Format::Text
        | Format::Binary => None,
    }
}

/// What every part of the story needs.
struct Story<'a> {
    model: &'a Model,
    read: &'a PreparedRead,
    plan: &'a ReadPlan,
    style: Style,
    context: Option<String>,
    /// Rows until now.
    sent: Cell<u64>,
}

impl<'a> Story<'a> {
    /// `{"@odata.context":…,"@odata.count":…,"value":[…],"@odata.nextLink":…}`
    fn page<R: Reader, O: Output>(
        &self,
        form: JsonForm,
        reader: &mut R,
        mut body: Body<'_, O>,
    ) -> Result<()> {
        let count = match self.plan.count {
            true => Some(reader.count(&self.plan.query)?),
            false => None,
        };
        let mut out = Vec::with_capacity(self.first_room());
        encode::page_start(&mut out, self.context.as_deref(), count, form.ieee754);
        let end = self.rows(reader, Between::Comma, &mut out, &mut body)?;
        encode::page_end(&mut out, self.next_link(end)?.as_deref());
        body.finish(out)
    }

    /// Room for the whole of a small page, or for the first chunk of a large one.
    fn first_room(&self) -> usize {
        let rows = self.plan.page.as_ref().map_or(u64::MAX, |page| page.size);
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        rows.saturating_add(1).saturating_mul(USUAL_ROW).min(ROOM)
    }

    /// NDJSON.
    fn lines<R: Reader, O: Output>(&self, reader: &mut R, mut body: Body<'_, O>) -> Result<()> {
        let mut out = Vec::with_capacity(16 * 1024);
        let end = self.rows(reader, Between::LineFeed, &mut out, &mut body)?;
        if end.rows > 0 {
            out.push(b'\n');
        }
        body.finish(out)
    }

    /// CSV with a heading.
    fn csv<R: Reader, O: Output>(&self, reader: &mut R, mut body: Body<'_, O>) -> Result<()> {
        let mut out = Vec::with_capacity(16 * 1024);
        encode::table_heading(self.model, &self.plan.shape, &mut out)?;
        self.rows(reader, Between::Line, &mut out, &mut body)?;
        out.extend_from_slice(b"\r\n");
        body.finish(out)
    }

    /// A workbook.
    fn workbook<R: Reader, O: Output>(&self, reader: &mut R, mut body: Body<'_, O>) -> Result<()> {
        let columns = encode::columns(self.model, &self.plan.shape)?;
        let mut sheet = IntoWorkbook(Workbook::new(columns)?);
        let mut rest = Vec::new();
        self.rows(reader, Between::Line, &mut rest, &mut sheet)?;
        sheet.0.append(&rest)?;
        let mut writer = FileWriter {
            body: &mut body,
            buffer: Vec::new(),
            ended: None,
        };
        let saved = sheet.0.save(&mut writer);
        let FileWriter { buffer, ended, .. } = writer;
        match ended {
            Some(ended) => ended,
            None => saved.and_then(|()| body.finish(buffer)),
        }
    }

    /// The rows of the answer; 404 where there are none because there is no parent.
    fn rows<R: Reader, D: encode::Drain>(
        &self,
        reader: &mut R,
        between: Between,
        out: &mut Vec<u8>,
        drain: &mut D,
    ) -> Result<PageEnd> {
        let (query, shape) = (&self.plan.query, &self.plan.shape);
        self.check_parent_of_groups(reader)?;
        let limit = self.plan.page.as_ref().map(|page| page.size);
        let nothing = PageEnd {
            rows: 0,
            next: None,
        };
        let wanted = limit.or(query.take) != Some(0);
        let end = match (wanted, &self.plan.answer) {
            (false, _) => nothing,
            (true, Answer::CollectionLinks) => Rows::links(self.model, query, shape, &self.style)?
                .run(reader, limit, between, out, drain)?,
            (true, _) => Rows::entities(self.model, query, shape, &self.style)?
                .run(reader, limit, between, out, drain)?,
        };
        self.sent.set(end.rows);
        if end.rows == 0 {
            self.check_parent(reader)?;
        }
        Ok(end)
    }

    /// 404 where the parent of an empty collection does not exist.
    fn check_parent<R: Reader>(&self, reader: &mut R) -> Result<()> {
        match &self.plan.parent {
            Some(parent) if !reader.exists(parent)? => Err(not_found(&self.read.path)),
            Some(_) | None => Ok(()),
        }
    }

    /// The same where there may be a row all the same: a number of nothing is nought.
    fn check_parent_of_groups<R: Reader>(&self, reader: &mut R) -> Result<()> {
        match self.plan.shape.groups {
            Some(_) => self.check_parent(reader),
            None => Ok(()),
        }
    }

    /// The address of the next page, where the client still wants rows.
    fn next_link(&self, end: PageEnd) -> Result<Option<String>> {
        let (Some(after), Some(page)) = (end.next, &self.plan.page) else {
            return Ok(None);
        };
        let remaining = page.remaining.map(|wanted| wanted.saturating_sub(end.rows));
        if remaining == Some(0) {
            return Ok(None);
        }
        let token = SkipToken { after, remaining };
        let sealed = token
            .seal(&self.read.token_key, &page.request)
            .ok_or_else(|| Problem::new(Code::Internal, "a skip token cannot be sealed"))?;
        let (root, path) = (&self.read.root, &self.read.path);
        Ok(Some(encode::next_link(
            root,
            path,
            &self.read.query,
            &sealed,
        )))
    }

    /// The number of rows, as text.
    fn count<R: Reader, O: Output>(&self, reader: &mut R, body: Body<'_, O>) -> Result<()> {
        self.check_parent_of_groups(reader)?;
        let count = reader.count(&self.plan.query)?;
        if count == 0 {
            self.check_parent(reader)?;
        }
        body.finish(count.to_string().into_bytes())
    }

    /// An answer that is one row: 204 for null, 404 where there is no row to be null.
    fn single<R: Reader, O: Output>(&self, reader: &mut R, mut body: Body<'_, O>) -> Result<()> {
        let Some(single) = self.one_row(reader)? else {
            return match &self.plan.parent {
                Some(parent) if reader.exists(parent)? => body.empty(),
                Some(_) | None => Err(not_found(&self.read.path)),
            };
        };
        body.set_etag(single.etag);
        match single.body {
            Some(bytes) => body.finish(bytes),
            None => body.empty(),
        }
    }

    fn one_row<R: Reader>(&self, reader: &mut R) -> Result<Option<Single>> {
        let (model, query, shape) = (self.model, &self.plan.query, &self.plan.shape);
        let (style, context) = (&self.style, self.context.as_deref());
        match self.plan.answer {
            Answer::EntityLink => encode::entity_link(model, query, shape, style, context, reader),
            Answer::Property => {
                Property::new(model, query, shape, style)?.json(&self.read.root, query, reader)
            }
            Answer::RawValue => Property::new(model, query, shape, style)?.raw(query, reader),
            Answer::Entity | Answer::Collection | Answer::CollectionLinks | Answer::Count => {
                encode::entity(model, query, shape, style, context, reader)
            }
        }
    }
}
