//! R36747: the language of a user is a code of ISO 639-1 (S1-75).

use super::USERS;
use crate::diag::Result;
use crate::rules::{Case, Refusal, Rule, Verdict, View};

/// See the module.
#[derive(Debug)]
pub(super) struct DefaultLanguageIsIso6391Compliant;

impl Rule for DefaultLanguageIsIso6391Compliant {
    fn code(&self) -> &'static str {
        "R36747"
    }

    fn about(&self) -> &'static str {
        "the language of a user is a two-letter code of ISO 639-1"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[USERS]
    }

    fn look(&self, case: &Case<'_>, _: &mut View<'_, '_>) -> Result<Verdict> {
        let Some(code) = case.after.text("DefaultLanguage") else {
            return Ok(Verdict::Ignore);
        };
        if isolang::Language::from_639_1(code).is_some() {
            return Ok(Verdict::Ignore);
        }
        Ok(Verdict::Refuse(
            Refusal::of(&["DefaultLanguage"]).with("DefaultLanguage", code),
        ))
    }
}
