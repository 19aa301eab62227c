//! `$root/Set(guid)`: an entity by its address, and its key. Other values of other entities would
//! have to be looked up, which no filter does.

use std::borrow::Cow;

use crate::diag::{Result, Span};
use crate::syntax::ast::{Parens, Path, Step};

use super::constant::{Constant, fold};
use super::scope::Setting;
use super::{refuse, suggest, types};

/// The constant that a path from the root stands for.
pub(super) fn value<'a>(
    setting: Setting<'a>,
    path: &'a Path,
    span: Span,
) -> Result<Option<Constant<'a>>> {
    let not_offered = || {
        let text = "values of other entities, `$root/…`, are not looked up";
        refuse::not_offered(text, span)
            .help("`$root/Set(guid)` and its key `$root/Set(guid)/Id` can be compared with")
    };
    let (set, key, rest) = match path.steps.as_slice() {
        [set, key, rest @ ..] => (set, key, rest),
        [..] => return Err(not_offered()),
    };
    let (Step::Name(name), Step::Key(Parens::Key(node))) = (&set.node, &key.node) else {
        return Err(not_offered());
    };
    let found = setting.model.set(&name.name);
    let Some(entity) = found.filter(|_| name.namespace.is_empty()) else {
        let name = suggest::qualified(name);
        return Err(suggest::unknown_set(setting.model, &name, set.span));
    };
    let guid = match fold(setting, node)? {
        Some(constant) => types::guid(&constant, node.span)?,
        None => None,
    };
    let guid = guid.ok_or_else(not_offered)?;
    let entity = setting.entity(entity);
    match rest {
        [] => {
            let address = format!("{}({guid})", entity.set);
            Ok(Some(Constant::Entity(Cow::Owned(address))))
        }
        [step] if is_key(&step.node, &entity.attribute(entity.key()).name) => {
            Ok(Some(Constant::Guid(guid)))
        }
        [..] => Err(not_offered()),
    }
}

fn is_key(step: &Step, key: &str) -> bool {
    match step {
        Step::Name(name) => name.namespace.is_empty() && name.name == key,
        Step::Key(_)
        | Step::Call { .. }
        | Step::Count(_)
        | Step::Any(_)
        | Step::All(_)
        | Step::Filter(_)
        | Step::Annotation(_) => false,
    }
}
