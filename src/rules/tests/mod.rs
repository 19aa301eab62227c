//! Rules without a database.

mod effects;
mod membership;
mod plan;
mod refusals;

use crate::change::testkit::{Ask, World, author, key, lines};
use crate::rules::{Sealed, Setting, run};
use crate::value::Language;

/// The changes of one transaction, after the rules; or every refusal as a line.
fn seal(world: &mut World, asks: &[Ask], language: &str) -> Result<Sealed<'static>, Vec<String>> {
    let set = world.change(asks)?;
    let mut number = 0;
    let mut ids = || {
        number += 1;
        key(0xE000_0000 + number)
    };
    let language = Language::parse(language).unwrap();
    let author = author();
    let mut setting = Setting {
        lookup: &mut world.memory,
        ids: &mut ids,
        unusable: &|| Ok("UNUSABLE".to_owned()),
        author: &author,
        language: &language,
    };
    run(set, &mut setting).map_err(|faults| lines(&faults))
}
