//! The story of one read: rows from the database into the form that was asked for.

use std::borrow::Cow;
use std::cell::Cell;
use std::time::Instant;

use uuid::Uuid;

use super::body::{Body, FileWriter, IntoWorkbook, ROOM, not_found};
use super::delta::Walked;
use super::negotiate::{Format, JsonForm};
use super::{Head, Output, PreparedRead};
use crate::diag::{Code, Problem, Result};
use crate::encode::{
    self, Between, CellGuard, MetadataLevel, Notation, PageEnd, PageLink, Property, Rows, Single,
    Source, Style, Workbook,
};
use crate::model::{Model, Table};
use crate::plan::{Answer, Column, Query, ReadPlan, SkipToken, Slot, SubQuery};
use crate::value::Value;

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
    answer_along(model, read, None, reader, out)
}

/// The same for a page of a walk that knows of the history.
pub(super) fn answer_along<R: Reader, O: Output>(
    model: &Model,
    read: &PreparedRead,
    walked: Option<&Walked>,
    reader: &mut R,
    out: &mut O,
) -> Result<u64> {
    let body = Body::new(out, head(read), read.head_only, Instant::now());
    let story = Story {
        model,
        read,
        plan: walked.and_then(|w| w.plan.as_ref()).unwrap_or(&read.plan),
        walked,
        style: style(read),
        context: context(model, read),
        sent: Cell::default(),
    };
    match read.plan.answer {
        Answer::Collection | Answer::All | Answer::CollectionLinks => match read.format {
            Format::Json(form) => story.page(form, reader, body),
            Format::Csv => story.csv(reader, body),
            Format::Xlsx => story.workbook(reader, body),
            Format::NdJson | Format::Xml | Format::Text | Format::Binary | Format::Plan => {
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

/// The head of an answer with a body.
pub(super) fn head(read: &PreparedRead) -> Head {
    Head {
        status: 200,
        content_type: Some(read.format.content_type()),
        etag: None,
        covered: read.plan.shape.covered,
        odata_version: read.odata_version.text(),
        preference_applied: read.preference_applied.clone(),
        length: None,
        timings: read.timings,
    }
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
pub(super) fn style(read: &PreparedRead) -> Style {
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
        Format::Xml | Format::Text | Format::Binary | Format::Plan => {
            (Notation::Json, JsonForm::default())
        }
    };
    Style {
        notation,
        metadata: form.metadata,
        control: read.odata_version.control(),
        ieee754: form.ieee754,
        skip_nulls: read.plan.skip_nulls,
        language: read.language.clone(),
    }
}

/// The context URL, where the answer carries one.
pub(super) fn context(model: &Model, read: &PreparedRead) -> Option<String> {
    match read.format {
        Format::Json(form) if form.metadata != MetadataLevel::None => {
            let control = read.odata_version.control();
            let (answer, shape) = (&read.plan.answer, &read.plan.shape);
            if read.plan.is_me && *answer == Answer::Entity {
                return Some(encode::me_url(&read.root, shape, control));
            }
            encode::context_url(model, &read.root, answer, shape, control)
        }
        Format::Json(_)
        | Format::Xml
        | Format::NdJson
        | Format::Csv
        | Format::Xlsx
        | Format::Text
        | Format::Binary
        | Format::Plan => None,
    }
}

/// What every part of the story needs.
struct Story<'a> {
    model: &'a Model,
    read: &'a PreparedRead,
    plan: &'a ReadPlan,
    /// What the history says of the page.
    walked: Option<&'a Walked>,
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
            true => Some(self.number(reader)?),
            false => None,
        };
        let mut out = Vec::with_capacity(self.first_room());
        encode::page_start(
            &mut out,
            self.context.as_deref(),
            count,
            form.ieee754,
            self.style.control,
        );
        let end = self.rows(reader, Between::Comma, &mut out, &mut body)?;
        let link = self.link(end)?;
        encode::page_end(&mut out, link.as_ref(), self.style.control);
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
        let mut sheet = IntoWorkbook {
            workbook: Workbook::new(columns)?,
            body: &mut body,
        };
        let mut rest = Vec::new();
        self.rows(reader, Between::Line, &mut rest, &mut sheet)?;
        let mut workbook = sheet.workbook;
        if !body.is_wanted() {
            return Ok(());
        }
        workbook.append(&rest)?;
        let mut writer = FileWriter {
            body: &mut body,
            buffer: Vec::new(),
            ended: None,
        };
        let saved = workbook.save(&mut writer);
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
        if self.plan.answer == Answer::All {
            return self.all(reader, between, out, drain);
        }
        self.check_parent_of_groups(reader)?;
        let limit = self.plan.page.as_ref().map(|page| page.size);
        let moved = match self.walked.and_then(|walked| walked.moved.as_ref()) {
            Some(query) => {
                self.run(query, None, false, reader, between, out, drain)?
                    .rows
            }
            None => 0,
        };
        let end = self.rest(moved, limit, reader, between, out, drain)?;
        self.sent.set(end.rows);
        if end.rows == 0 {
            self.check_parent(reader)?;
        }
        Ok(end)
    }

    /// The number of rows, whatever the page.
    fn number<R: Reader>(&self, reader: &mut R) -> Result<u64> {
        let mut number = reader.count(&self.read.plan.query)?;
        for (query, _) in &self.read.plan.others {
            number = number.saturating_add(reader.count(query)?);
        }
        Ok(number)
    }

    /// The rows of one set after the other. Where the page ends, the position is that of a set, and
    /// of the last row of it that was sent.
    fn all<R: Reader, D: encode::Drain>(
        &self,
        reader: &mut R,
        between: Between,
        out: &mut Vec<u8>,
        drain: &mut D,
    ) -> Result<PageEnd> {
        let (model, style) = (self.model, &self.style);
        let limit = self.plan.page.as_ref().map(|page| page.size);
        let mut end = PageEnd {
            rows: 0,
            next: None,
        };
        let first = (&self.plan.query, &self.plan.shape);
        let others = self.plan.others.iter().map(|(query, shape)| (query, shape));
        for (query, shape) in std::iter::once(first).chain(others) {
            let set = || Value::Text(model.entity(shape.entity).set.clone());
            let left = limit.map(|limit| limit.saturating_sub(end.rows));
            if left == Some(0) {
                end.next = Some(vec![set()]);
                break;
            }
            let context = self.context.as_ref().and_then(|_| {
                let root = &self.read.root;
                encode::context_url(model, root, &Answer::Entity, shape, style.control)
            });
            let rows = Rows::mixed(model, query, shape, style, context.as_deref())?;
            let rows = rows.following(end.rows > 0);
            let part = rows.run(reader, left, between, out, drain)?;
            end.rows = end.rows.saturating_add(part.rows);
            if let Some(after) = part.next {
                end.next = Some(std::iter::once(set()).chain(after).collect());
                break;
            }
        }
        self.sent.set(end.rows);
        Ok(end)
    }

    /// The rows of a page behind those that had moved.
    fn rest<R: Reader, D: encode::Drain>(
        &self,
        moved: u64,
        limit: Option<u64>,
        reader: &mut R,
        between: Between,
        out: &mut Vec<u8>,
        drain: &mut D,
    ) -> Result<PageEnd> {
        let mut query = Cow::Borrowed(&self.plan.query);
        if limit.or(query.take) == Some(0) {
            return Ok(PageEnd {
                rows: 0,
                next: None,
            });
        }
        if moved == 0 {
            return self.run(&query, limit, false, reader, between, out, drain);
        }
        let limit = limit.map(|size| size.saturating_sub(moved));
        if limit == Some(0) {
            // The page is full: the next one goes on where this one was to begin.
            return Ok(PageEnd {
                rows: moved,
                next: query.after.clone(),
            });
        }
        query.to_mut().take = query.take.map(|take| take.saturating_sub(moved));
        let end = self.run(&query, limit, true, reader, between, out, drain)?;
        Ok(PageEnd {
            rows: end.rows.saturating_add(moved),
            ..end
        })
    }

    /// The rows of a query, behind others where `follows` says so.
    #[expect(
        clippy::too_many_arguments,
        reason = "a row needs all of it on its way"
    )]
    fn run<R: Reader, D: encode::Drain>(
        &self,
        query: &Query,
        limit: Option<u64>,
        follows: bool,
        reader: &mut R,
        between: Between,
        out: &mut Vec<u8>,
        drain: &mut D,
    ) -> Result<PageEnd> {
        let (model, shape, style) = (self.model, &self.plan.shape, &self.style);
        let rows = match &self.plan.answer {
            Answer::CollectionLinks => Rows::links(model, query, shape, style)?,
            Answer::Collection
            | Answer::All
            | Answer::Entity
            | Answer::Property
            | Answer::RawValue
            | Answer::Count
            | Answer::EntityLink => Rows::entities(model, query, shape, style)?,
        };
        let rows = rows.following(follows);
        rows.run(reader, limit, between, out, drain)
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

    /// Where a page leads to: the next one where the client still wants rows, else what changes from
    /// now on where it wants to know.
    fn link(&self, end: PageEnd) -> Result<Option<PageLink>> {
        let Some(page) = &self.plan.page else {
            return Ok(None);
        };
        let remaining = page.remaining.map(|wanted| wanted.saturating_sub(end.rows));
        let newest = self.walked.map_or(0, |walked| walked.newest);
        let marks = self
            .walked
            .map_or_else(Vec::new, |walked| walked.marks.clone());
        let (trail, place) = (&self.read.trail, (newest, marks));
        let Some(after) = end.next.filter(|_| remaining != Some(0)) else {
            let link = trail.end(self.read, &page.request, place)?;
            return Ok(link.map(PageLink::Delta));
        };
        let token = SkipToken {
            after,
            remaining,
            walk: trail.goes_on(place),
        };
        let sealed = token
            .seal(&self.read.token_key, &page.request)
            .ok_or_else(|| Problem::new(Code::Internal, "a skip token cannot be sealed"))?;
        let (root, path, query) = (&self.read.root, &self.read.path, &self.read.query);
        let link = encode::next_link(root, path, query, &sealed);
        Ok(Some(PageLink::Next(link)))
    }

    /// The number of rows, as text.
    fn count<R: Reader, O: Output>(&self, reader: &mut R, body: Body<'_, O>) -> Result<()> {
        self.check_parent_of_groups(reader)?;
        let count = self.number(reader)?;
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
            Answer::Entity
            | Answer::Collection
            | Answer::All
            | Answer::CollectionLinks
            | Answer::Count => encode::entity(model, query, shape, style, context, reader),
        }
    }
}
