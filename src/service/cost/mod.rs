//! What reads cost: rows that the database has to look at, reckoned before it does, and a budget for
//! them (`docs/decisions/029-explain.md`).

mod estimate;
mod parts;
mod refuse;

pub(super) use estimate::Estimate;
pub(super) use parts::{Part, Viewer, of_read};

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::diag::Result;
use crate::model::Model;
use crate::plan::{Overlay, Query, ReadPlan};
use crate::sql::{Explained, Few, Statistics, Work};
use crate::store::Session;
use estimate::Known;
use parts::of_query;
use refuse::Tally;

/// How long what is known of the tables is believed.
const FRESH: Duration = Duration::from_secs(60);
/// Plans that are kept at most.
const PLANS: usize = 2000;

/// The budget of reads, and what is known of the tables.
#[derive(Debug, Default)]
pub(super) struct Costs {
    /// The rows that one read may look at; nothing where it may look at any number.
    budget: Option<u64>,
    kept: Mutex<Kept>,
}

/// What was found out a short while ago.
#[derive(Debug, Default)]
struct Kept {
    since: Option<Instant>,
    statistics: Arc<Statistics>,
    rows: HashMap<String, u64>,
    /// By the text of the statement, without values.
    plans: HashMap<String, Arc<Explained>>,
}

impl Costs {
    /// With a budget; 0 is none.
    pub(super) fn new(budget: u64) -> Self {
        Self {
            budget: (budget > 0).then_some(budget),
            kept: Mutex::default(),
        }
    }

    /// The rows that one read may look at.
    pub(super) fn budget(&self) -> Option<u64> {
        self.budget
    }

    /// Sees that a read costs no more than it may.
    ///
    /// # Errors
    ///
    /// `TooExpensive`; faults of the database.
    pub(super) fn check(
        &self,
        model: &Model,
        session: &mut Session,
        plan: &ReadPlan,
    ) -> Result<()> {
        let Some(budget) = self.budget else {
            return Ok(());
        };
        of_read(model, plan, &mut self.checker(model, session, budget))
    }

    /// The same for all rows of one query.
    ///
    /// # Errors
    ///
    /// As [`Costs::check`].
    pub(super) fn check_query(
        &self,
        model: &Model,
        session: &mut Session,
        query: &Query,
    ) -> Result<()> {
        let Some(budget) = self.budget else {
            return Ok(());
        };
        of_query(model, query, &mut self.checker(model, session, budget)).map(drop)
    }

    fn checker<'c>(
        &'c self,
        model: &'c Model,
        session: &'c mut Session,
        budget: u64,
    ) -> Checker<'c> {
        Checker {
            costs: self,
            model,
            session,
            tally: Tally::new(budget),
        }
    }

    /// What a statement takes, as the database would run it over what is stored.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub(super) fn estimate(
        &self,
        model: &Model,
        session: &mut Session,
        part: &Part<'_>,
    ) -> Result<Estimate> {
        // Before plans are looked up: those that are kept go with old statistics.
        self.statistics(session)?;
        let explained = self.explained(model, session, part)?;
        self.weigh(model, session, part, &explained.work)
    }

    /// What a statement takes that the database would run so.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub(super) fn weigh(
        &self,
        model: &Model,
        session: &mut Session,
        part: &Part<'_>,
        work: &Work,
    ) -> Result<Estimate> {
        let statistics = self.statistics(session)?;
        let mut rows = HashMap::new();
        for look in work.looks() {
            for table in &look.tables {
                if !rows.contains_key(table) {
                    let of = self.rows(model, session, &statistics, table)?;
                    rows.insert(table.clone(), of);
                }
            }
        }
        let known = Known {
            model,
            statistics: &statistics,
            rows: &rows,
        };
        Ok(known.estimate(work, part))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the database knows of its tables; with it, all else is found out anew after a while.
    fn statistics(&self, session: &mut Session) -> Result<Arc<Statistics>> {
        {
            let kept = self.kept();
            if kept.since.is_some_and(|since| since.elapsed() < FRESH) {
                return Ok(Arc::clone(&kept.statistics));
            }
        }
        let statistics = Arc::new(session.statistics()?);
        *self.kept() = Kept {
            since: Some(Instant::now()),
            statistics: Arc::clone(&statistics),
            ..Kept::default()
        };
        Ok(statistics)
    }

    fn explained(
        &self,
        model: &Model,
        session: &mut Session,
        part: &Part<'_>,
    ) -> Result<Arc<Explained>> {
        let nothing = Overlay::default();
        let text = session.text_of(model, &part.planned, &nothing)?;
        if let Some(found) = self.kept().plans.get(&text) {
            return Ok(Arc::clone(found));
        }
        let explained = Arc::new(session.explain(model, &part.planned, &nothing)?);
        let mut kept = self.kept();
        if kept.plans.len() >= PLANS {
            kept.plans.clear();
        }
        kept.plans.insert(text, Arc::clone(&explained));
        Ok(explained)
    }

    /// The rows of a table; of one that the model does not have, one.
    fn rows(
        &self,
        model: &Model,
        session: &mut Session,
        statistics: &Statistics,
        table: &str,
    ) -> Result<u64> {
        if let Some(rows) = self.kept().rows.get(table) {
            return Ok(*rows);
        }
        let mut entities = model.entities();
        let rows = match (
            statistics.rows(table),
            entities.find(|(id, _)| model.table(*id).name == table),
        ) {
            (Some(rows), _) => rows,
            (None, Some((id, _))) => session.row_count(model.table(id))?,
            (None, None) => 1,
        };
        self.kept().rows.insert(table.to_owned(), rows);
        Ok(rows)
    }
}

/// Holds statements to the budget, one after the other.
struct Checker<'c> {
    costs: &'c Costs,
    model: &'c Model,
    session: &'c mut Session,
    tally: Tally,
}

impl Viewer for Checker<'_> {
    fn few(&mut self, query: &Query) -> Result<Few> {
        self.session.few_of(self.model, query, &Overlay::default())
    }

    fn see(&mut self, part: &Part<'_>) -> Result<u64> {
        let estimate = self.costs.estimate(self.model, self.session, part)?;
        self.tally.take(self.model, part, &estimate)?;
        Ok(estimate.rows)
    }
}
