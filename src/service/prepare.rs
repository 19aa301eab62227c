//! From the text of a request to its plan and the format of its answer.

use std::sync::Arc;
use std::time::Instant;

use super::delta::{self, Trail};
use super::explain::check_may_explain;
use super::negotiate::{Content, Format, negotiate, wants_plan};
use super::{ODataVersion, Prepared, PreparedRead, RequestHead, Service, Timings, TopSetting};
use crate::bind;
use crate::diag::{Code, Problem, Result};
use crate::encode;
use crate::model::Model;
use crate::plan::{Answer, Context, Member, Plan, ReadPlan, ResultPart, TopMeaning};
use crate::syntax::{self, ast};
use crate::value::Kind;

impl Service {
    /// Parses and binds. Cheap and without the database, so that it can run on the async worker.
    ///
    /// # Errors
    ///
    /// Every fault of the request that can be seen without rows.
    pub fn prepare(&self, head: &RequestHead<'_>) -> Result<Prepared> {
        let inside = head
            .transaction
            .map(|id| self.transaction(id, head.caller, head.now));
        let inside = inside.transpose()?;
        let mut timings = Timings::default();
        let started = Instant::now();
        let request = tracing::debug_span!("syntax")
            .in_scope(|| syntax::parse_request(head.path, head.query, &self.0.settings.syntax))?;
        timings.syntax = started.elapsed();
        let started = Instant::now();
        let context = self.context(head, &request);
        let model = self.model_of(head.caller);
        let plan = tracing::debug_span!("bind")
            .in_scope(|| bind::bind(&model, &request, &context, &head.caller.rights.read))?;
        timings.bind = started.elapsed();
        let option = format_option(&request);
        let version = head.odata_version.unwrap_or(ODataVersion::V4);
        match plan {
            Plan::ServiceDocument => {
                let format = negotiate(Content::Object, option, head.accept)?;
                let documents = &self.0.documents;
                Ok(Prepared::Document(
                    documents.service_document(&model, head.root, format, version),
                ))
            }
            Plan::Metadata => {
                let format = negotiate(Content::Metadata, option, head.accept)?;
                let shown = self.0.current.shown();
                let document =
                    shown
                        .documents
                        .metadata(&shown.model, self.offers(), format, version)?;
                Ok(Prepared::Document(document))
            }
            Plan::Read(plan) => {
                let format = if wants_plan(option, head.accept) {
                    check_may_explain(head.caller)?;
                    Format::Plan
                } else {
                    negotiate(content(&model, &plan), option, head.accept)?
                };
                if matches!(format, Format::Csv | Format::Xlsx) {
                    // What does not fit into a table is refused before the answer begins, and
                    // before one is promised for later.
                    encode::table_heading(&model, &plan.shape, &mut Vec::new())?;
                }
                refuse_count(format, &plan)?;
                let trail = self.trail(head, (&model, &plan), format, inside.is_some())?;
                let read = self.read(head, (model, plan), format, (timings, trail));
                Ok(Prepared::Read(Box::new(PreparedRead { inside, ..read })))
            }
            Plan::Call(plan) => {
                let content = match plan.part {
                    ResultPart::Whole | ResultPart::Items { .. } => Content::Object,
                    ResultPart::Count => Content::BareText,
                };
                let format = negotiate(content, option, head.accept)?;
                let call = self.prepare_call(head, (model, *plan), format, timings)?;
                Ok(Prepared::Call(Box::new(call)))
            }
        }
    }

    fn read(
        &self,
        head: &RequestHead<'_>,
        (model, mut plan): (Arc<Model>, Box<ReadPlan>),
        format: Format,
        (timings, trail): (Timings, Trail),
    ) -> PreparedRead {
        let preference_applied = self.honour(head, &mut plan, format, &trail);
        PreparedRead {
            model,
            plan,
            format,
            root: head.root.to_owned(),
            path: head.path.to_owned(),
            query: head.query.to_owned(),
            language: head.language.clone(),
            odata_version: head.odata_version.unwrap_or(ODataVersion::V4),
            preference_applied,
            token_key: self.0.token_key.clone(),
            head_only: head.head_only,
            timings,
            exporter: (format.is_export() && !head.head_only).then(|| self.exporter(head.caller)),
            inside: None,
            trail,
        }
    }

    /// What a read has to do with the history.
    fn trail(
        &self,
        head: &RequestHead<'_>,
        (model, plan): (&Model, &ReadPlan),
        format: Format,
        is_inside: bool,
    ) -> Result<Trail> {
        let reading = |tracks| delta::Reading::of(head.caller, head.now, tracks);
        if let (Some(token), Some(page)) = (&plan.delta, &plan.page) {
            if is_inside {
                let message = "what changes inside an API transaction is not told by delta links";
                let problem = Problem::new(Code::NotSupported, message).about("$deltatoken");
                return Err(problem.help("call `GetChanges`, or leave `TransactionId` out"));
            }
            // Nobody could tell what is gone (JSON Format, 3.1.3).
            if !format.has_control() {
                let message = "the answer to a delta link is not given with `odata.metadata=none`";
                let problem = Problem::new(Code::NotAcceptable, message).about("Accept");
                return Err(problem.help("ask for `odata.metadata=minimal`"));
            }
            let (token, entity) = ((token.as_str(), page.request.as_str()), plan.query.entity);
            let since = delta::open(token, entity, (&self.0, model), (head.caller, head.now))?;
            return Ok(Trail::Delta(reading(true), since));
        }
        // What every set gains and loses is not told; and rows of no set move in the order of keys.
        if plan.answer == Answer::All {
            return Ok(Trail::Nothing);
        }
        // An API transaction sees what the history does not have yet.
        let is_page = matches!(format, Format::Json(_)) && !is_inside;
        if !is_page {
            return Ok(Trail::Nothing);
        }
        let tracks = head.preferences.track_changes && format.has_control();
        Ok(Trail::of(
            delta::History::of(&self.0, model),
            plan,
            reading,
            tracks,
        ))
    }

    /// Honours the preferences that have a meaning for a read, and says which
    /// (OData 4.01 Part 1, 8.3.6).
    fn honour(
        &self,
        head: &RequestHead<'_>,
        plan: &mut ReadPlan,
        format: Format,
        trail: &Trail,
    ) -> Option<String> {
        let mut applied = Vec::new();
        if trail.tracks() {
            applied.push("odata.track-changes".to_owned());
        }
        if let (Some(size), Some(_)) = (head.max_page_size, &plan.page)
            && plan.delta.is_none()
        {
            let size = size.min(self.0.settings.limits.max_top);
            applied.push(format!("odata.maxpagesize={size}"));
        }
        if head.preferences.omit_nulls
            && format.has_members()
            && has_rows(&plan.answer)
            && plan.delta.is_none()
        {
            plan.skip_nulls = true;
            applied.push("omit-values=nulls".to_owned());
        }
        (!applied.is_empty()).then(|| applied.join(", "))
    }

    /// What the binder has to know beside the address.
    pub(super) fn context(&self, head: &RequestHead<'_>, request: &ast::Request) -> Context {
        let settings = &self.0.settings;
        let declared = head.odata_version.is_some() || head.max_page_size.is_some();
        let top = match settings.top {
            TopSetting::Total => TopMeaning::Total,
            TopSetting::Page => TopMeaning::PageSize,
            TopSetting::Auto if declared => TopMeaning::Total,
            TopSetting::Auto => TopMeaning::PageSize,
        };
        // An export has no place for a next link, so it has no pages. Whether the address has rows
        // at all is not known yet; where it has none, negotiation refuses the format later.
        let option = format_option(request);
        let format = |content| negotiate(content, option, head.accept);
        let rows = format(Content::Rows).ok();
        let export = rows.is_some_and(Format::is_export);
        // An object may be answered in another format than rows would be.
        let tells_types = wants_plan(option, head.accept)
            || rows.is_some_and(Format::has_control)
            || format(Content::Object).is_ok_and(Format::has_control);
        let unpaged = export || settings.unpaged;
        Context {
            language: head.language.clone(),
            now: head.now,
            limits: settings.limits,
            // Without pages `$top` can only be a total.
            top: if unpaged { TopMeaning::Total } else { top },
            max_page_size: head.max_page_size.filter(|_| !unpaged),
            default_references: head.odata_version.is_none(),
            tells_types,
            strict_filters: settings.strict_filters,
            truncate_datetime: settings.truncate_datetime,
            server_paging: !unpaged,
            token_key: self.0.token_key.clone(),
            schema_version: self.schema_version(head, request),
        }
    }

    /// The version of the schema that the caller sees, where the request names one.
    fn schema_version(&self, head: &RequestHead<'_>, request: &ast::Request) -> Option<String> {
        let named = request.options.schemaversion.as_ref()?;
        if named.value.node == "*" {
            return None;
        }
        let (model, shown) = (self.model_of(head.caller), self.0.current.shown());
        if Arc::ptr_eq(&model, &shown.model) {
            return shown.documents.version(&model, self.offers()).ok();
        }
        encode::schema_version(&model, self.offers()).ok()
    }
}

/// Refuses to count beside an export, which has no place for a number.
fn refuse_count(format: Format, plan: &ReadPlan) -> Result<()> {
    if !plan.count || !format.is_export() {
        return Ok(());
    }
    let message = format!("`$count` has no place in `{}`", format.word());
    let problem = Problem::new(Code::InvalidOption, message).about("$count");
    Err(problem.help("leave it out, or ask for the number alone at `…/$count`"))
}

/// `$format`.
pub(super) fn format_option(request: &ast::Request) -> Option<&str> {
    let option = request.options.format.as_ref()?;
    Some(&option.value.node)
}

/// The form of the JSON that a call answers with a record.
///
/// # Errors
///
/// `NotAcceptable` where the client takes no JSON.
pub(super) fn form_of_record(request: &ast::Request, accept: Option<&str>) -> Result<Format> {
    negotiate(Content::Object, format_option(request), accept)
}

/// What a plan answers, as far as the choice of a format goes.
fn content(model: &Model, plan: &ReadPlan) -> Content {
    match plan.answer {
        // Only JSON has a form for rows that are gone.
        Answer::Collection if plan.delta.is_some() => Content::Object,
        Answer::Collection => Content::Rows,
        Answer::All => Content::Object,
        Answer::Entity | Answer::Property | Answer::EntityLink | Answer::CollectionLinks => {
            Content::Object
        }
        Answer::Count => Content::BareText,
        Answer::RawValue if is_binary(model, plan) => Content::BareBytes,
        Answer::RawValue => Content::BareText,
    }
}

/// Whether an answer has entities whose members may be left out.
const fn has_rows(answer: &Answer) -> bool {
    match answer {
        Answer::Collection | Answer::All | Answer::Entity => true,
        Answer::Property
        | Answer::RawValue
        | Answer::Count
        | Answer::EntityLink
        | Answer::CollectionLinks => false,
    }
}

/// Whether the only member of the answer is bytes.
fn is_binary(model: &Model, plan: &ReadPlan) -> bool {
    let entity = model.entity(plan.shape.entity);
    plan.shape
        .members
        .first()
        .is_some_and(|member| match member {
            Member::Attribute { id, .. } => entity.attribute(*id).kind == Kind::Binary,
            Member::Custom { .. }
            | Member::CustomPart { .. }
            | Member::OfType { .. }
            | Member::Reference { .. }
            | Member::DisplayText(_)
            | Member::Computed(_)
            | Member::Expanded(_) => false,
        })
}
