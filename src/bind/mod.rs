//! AST and model → plan: the last room that may refuse a query.
//!
//! Names become numbers of the model, literals get their types, declared filters are enforced at
//! every entrance, and every refusal says what would be accepted. Knows the syntax trees, the model
//! and the plan; must never know SQL, a database, JSON or HTTP.

mod all;
mod allow;
mod apply;
mod arithmetic;
mod call;
mod case;
mod cast;
mod children;
mod compare;
mod compute;
mod computed;
mod constant;
mod counted;
mod covered;
mod entity_id;
mod enumeration;
mod expand;
mod frames;
mod functions;
mod gather;
mod key;
mod lambda;
mod levels;
mod link;
mod list;
mod merge;
mod order;
mod page;
mod path;
mod posted;
mod predicate;
mod promote;
mod property;
mod range;
mod read;
mod refuse;
mod rights;
mod root;
mod rows;
mod scope;
mod search;
mod select;
mod shape;
mod subject;
mod suggest;
mod tables;
mod target;
mod text;
mod truth;
mod types;
mod visible;
mod walk;
mod wrap;

pub use rights::{EntityRights, Rights, RowFilter, Visible, visible};
pub use target::{bare, target};

use crate::diag::Result;
use crate::model::Model;
use crate::plan::{Context, Plan};
use crate::syntax::ast::Request;

/// Binds a request.
///
/// Pure: the clock, the language and the keys come in with the context.
///
/// # Errors
///
/// Every fault of the request that can be seen without its rows, the first with the others as
/// details; each says where it is and, where possible, what would be accepted.
pub fn bind(model: &Model, request: &Request, context: &Context, rights: &Rights) -> Result<Plan> {
    allow::check_version(&request.options, context)?;
    if let Some(problem) = posted::refusal(model, request, context, rights) {
        return Err(problem);
    }
    if entity_id::is_asked(request) {
        return entity_id::bind(model, request, context, rights);
    }
    let notes = scope::Notes::default();
    let aliases = &request.options.aliases;
    let setting = scope::Setting::new(model, context, rights, aliases, &notes);
    let within = |problem: crate::diag::Problem| problem.within("path", &request.path_text);
    if let Some(called) = call::of(setting, &request.path.segments).map_err(within)? {
        return called.plan(setting, request);
    }
    let address = path::bind(setting, &request.path).map_err(within)?;
    match address {
        path::Address::ServiceDocument => read::document(request, Plan::ServiceDocument),
        path::Address::Metadata => read::document(request, Plan::Metadata),
        path::Address::Rows(place) => read::bind(request, *place),
        path::Address::All { count } => all::bind(setting, request, count),
    }
}
