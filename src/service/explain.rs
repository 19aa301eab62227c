//! What the service and the database would do with a read, for people who look for the reason: as an
//! answer (`Accept: application/vnd.userdex.plan+json`), by `Ext.Explain` and on the command line.
//!
//! One document for all of them (`docs/decisions/029-explain.md`). It holds what the request says and
//! no other value: statements have placeholders, plans no conditions.

use std::time::Instant;

use serde_json::{Value as Json, json};

use super::body::Body;
use super::cost::{Costs, Estimate, Part, Viewer, of_read};
use super::negotiate::names_plan;
use super::prepare::format_option;
use super::read::head;
use super::transactions::State;
use super::{Caller, Output, PreparedRead, Service};
use crate::diag::{Code, Problem, Result};
use crate::model::Model;
use crate::plan::{Overlay, Query};
use crate::sql::{DialectName, Few, LookUp, Planned};
use crate::store::Session;
use crate::syntax;

/// What a read would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The request, as it was understood, in its canonical form.
    pub query: String,
    /// What it asks for in words, a line for each thing.
    pub words: Vec<String>,
    /// The statements, in the order in which they are run. What is looked up where an answer is
    /// empty is not among them.
    pub statements: Vec<ExplainedStatement>,
    /// The rows that one read may look at; nothing where that is any number.
    pub budget: Option<u64>,
}

/// A statement of a read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedStatement {
    /// What it is for: `rows`, `count`, `rows of Groups`; `texts`: where a text is, by an index of
    /// trigrams.
    pub what: String,
    /// Its text, with a placeholder for every value.
    pub sql: String,
    /// How the database would run it, in its own words.
    pub plan: Vec<String>,
    /// The looks into tables, most rows first.
    pub looks: Vec<ExplainedLook>,
    /// The rows that it gives, at most.
    pub rows: u64,
    /// The rows that it looks at.
    pub cost: u64,
}

/// A look into a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedLook {
    /// The table.
    pub table: String,
    /// The index that leads there, or that is read instead.
    pub index: Option<String>,
    /// Whether all rows are looked at.
    pub is_whole: bool,
    /// The rows that are looked at.
    pub rows: u64,
}

impl Service {
    /// The statements of a read with their binds, for the command line: those of what is expanded for
    /// one parent, whose key is made up.
    ///
    /// # Errors
    ///
    /// None of a database, which is not asked.
    pub fn sql(&self, read: &PreparedRead, dialect: DialectName) -> Result<Vec<String>> {
        let mut listed = Listed {
            dialect,
            statements: Vec::new(),
        };
        of_read(&read.model, &read.plan, &mut listed)?;
        Ok(listed.statements)
    }

    /// Explains a read; inside an API transaction over what that has changed, the cost without. Runs
    /// nothing of it.
    ///
    /// # Errors
    ///
    /// Those of the database; `InvalidTransaction` when the transaction has ended; `NotSupported` for
    /// what has changed since a delta link.
    pub fn explain(&self, read: &PreparedRead) -> Result<Explanation> {
        let state = match &read.inside {
            Some(entry) => entry.state()?,
            None => State::default(),
        };
        self.explain_in(read, &state, &mut self.0.store.session()?)
    }

    /// The same in a session, over what is not stored yet.
    pub(super) fn explain_in(
        &self,
        read: &PreparedRead,
        state: &State,
        session: &mut Session,
    ) -> Result<Explanation> {
        if read.plan.delta.is_some() {
            let message = "which statements a delta link takes follows from what has changed";
            let problem = Problem::new(Code::NotSupported, message).about("$deltatoken");
            return Err(problem.help("have the request explained without `$deltatoken`"));
        }
        let request = syntax::parse_request(&read.path, &read.query, &self.0.settings.syntax)?;
        let (model, costs) = (&*read.model, &self.0.costs);
        let mut explainer = Explainer {
            costs,
            model,
            overlay: &state.overlay,
            session,
            statements: Vec::new(),
        };
        of_read(model, &read.plan, &mut explainer)?;
        let statements = explainer.statements;
        Ok(Explanation {
            query: shown(&request),
            words: syntax::describe(&request),
            statements,
            budget: costs.budget(),
        })
    }

    /// Answers a read with what it would do.
    pub(super) fn answer_explained(
        &self,
        read: &PreparedRead,
        out: &mut impl Output,
    ) -> Result<()> {
        let body = Body::new(out, head(read), read.head_only, Instant::now());
        let explained = self.explain(read)?;
        body.finish(explained.json().to_string().into_bytes())
    }
}

/// Writes statements down, without a database.
struct Listed {
    dialect: DialectName,
    statements: Vec<String>,
}

impl Viewer for Listed {
    fn few(&mut self, _: &Query) -> Result<Few> {
        Ok(Few::default())
    }

    fn see(&mut self, part: &Part<'_>) -> Result<u64> {
        self.statements.push(self.dialect.text(&part.planned));
        Ok(1)
    }
}

/// Explains statements, one after the other.
struct Explainer<'e> {
    costs: &'e Costs,
    model: &'e Model,
    overlay: &'e Overlay,
    session: &'e mut Session,
    statements: Vec<ExplainedStatement>,
}

impl Viewer for Explainer<'_> {
    fn few(&mut self, query: &Query) -> Result<Few> {
        let few = self.session.few_of(self.model, query, self.overlay)?;
        for (text, rows) in few.texts() {
            let planned = Planned::LookUp(LookUp::new(self.model, text, 1));
            let explained = self.session.explain(self.model, &planned, self.overlay)?;
            self.statements.push(ExplainedStatement {
                what: "texts".to_owned(),
                sql: self.session.text_of(self.model, &planned, self.overlay)?,
                plan: explained.lines,
                rows,
                cost: rows,
                looks: vec![ExplainedLook {
                    table: self.model.table(text.entity).name.clone(),
                    index: Some(text.index.clone()),
                    is_whole: false,
                    rows,
                }],
            });
        }
        Ok(few)
    }

    fn see(&mut self, part: &Part<'_>) -> Result<u64> {
        let planned = &part.planned;
        let explained = self.session.explain(self.model, planned, self.overlay)?;
        // Changes of a transaction count for nothing.
        let estimate = if self.overlay.is_empty() {
            self.costs
                .weigh(self.model, self.session, part, &explained.work)?
        } else {
            self.costs.estimate(self.model, self.session, part)?
        };
        let rows = estimate.rows;
        self.statements.push(ExplainedStatement {
            what: part.what.clone(),
            sql: self.session.text_of(self.model, planned, self.overlay)?,
            plan: explained.lines,
            rows,
            cost: estimate.cost,
            looks: looks(estimate),
        });
        Ok(rows)
    }
}

/// Sees that somebody may have reads explained: what a plan says of tables it says of all rows, seen
/// or not.
///
/// # Errors
///
/// `Forbidden`.
pub(super) fn check_may_explain(caller: &Caller) -> Result<()> {
    if caller.is_administrator() && caller.scopes().read {
        return Ok(());
    }
    let message = "only administrators have reads explained";
    let problem = Problem::new(Code::Forbidden, message);
    Err(problem.help("a plan tells of rows that others do not see"))
}

/// Refuses to explain a change: asking what it would do must not do it.
///
/// # Errors
///
/// `NotAcceptable`.
pub(super) fn refuse_explained_change(
    request: &syntax::ast::Request,
    accept: Option<&str>,
) -> Result<()> {
    let option = format_option(request);
    if !names_plan(option, accept) {
        return Ok(());
    }
    let place = option.map_or("Accept", |_| "$format");
    let message = format!("`{place}` asks what the request would do, and only reads are explained");
    let problem = Problem::new(Code::NotAcceptable, message).about(place);
    Err(problem.help("nothing was changed; ask for `application/json` to have it done"))
}

/// The address of a request as people read it.
fn shown(request: &syntax::ast::Request) -> String {
    let path = syntax::print_path(&request.path);
    match syntax::print_options(&request.options) {
        options if options.is_empty() => path,
        options => format!("{path}?{options}"),
    }
}

fn looks(estimate: Estimate) -> Vec<ExplainedLook> {
    let looks = estimate.looks.into_iter().map(|look| ExplainedLook {
        table: look.table,
        index: look.index,
        is_whole: look.is_whole,
        rows: look.rows,
    });
    let mut looks: Vec<_> = looks.collect();
    looks.sort_by_key(|look| std::cmp::Reverse(look.rows));
    looks
}

impl Explanation {
    /// How the database would read the rows themselves, in its own words.
    pub fn database(&self) -> Vec<String> {
        let rows = self.statements.iter();
        let rows = rows.filter(|one| one.what == "rows" || one.what == "texts");
        rows.flat_map(|one| one.plan.clone()).collect()
    }

    /// The rows that all statements look at.
    pub fn cost(&self) -> u64 {
        let costs = self.statements.iter().map(|one| one.cost);
        costs.fold(0, u64::saturating_add)
    }

    /// The document.
    pub fn json(&self) -> Json {
        let looks = || self.statements.iter().flat_map(|one| &one.looks);
        let unique = |names: Vec<&str>| {
            let mut names = names;
            names.sort_unstable();
            names.dedup();
            json!(names)
        };
        let indexes = looks().filter_map(|look| look.index.as_deref()).collect();
        let whole = looks().filter(|look| look.is_whole);
        let scans = whole.map(|look| look.table.as_str()).collect();
        let statements = self.statements.iter().map(ExplainedStatement::json);
        let rows = self.statements.iter().filter(|one| one.what == "rows");
        let rows = rows.map(|one| one.rows).fold(0, u64::saturating_add);
        json!({
            "query": self.query,
            "words": self.words,
            "statements": statements.collect::<Vec<_>>(),
            "indexes": unique(indexes),
            "scans": unique(scans),
            "estimatedRows": rows,
            "cost": self.cost(),
            "budget": self.budget,
        })
    }
}

impl ExplainedStatement {
    fn json(&self) -> Json {
        let looks = self.looks.iter().map(|look| {
            json!({
                "table": look.table,
                "index": look.index,
                "scan": look.is_whole,
                "rows": look.rows,
            })
        });
        json!({
            "for": self.what,
            "sql": self.sql,
            "plan": self.plan,
            "looks": looks.collect::<Vec<_>>(),
            "estimatedRows": self.rows,
            "cost": self.cost,
        })
    }
}
