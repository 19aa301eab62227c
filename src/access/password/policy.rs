//! What a new password must be like.

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

use crate::diag::{Code, Problem, Result};

/// A class of characters, by Unicode category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A lower case letter (Ll).
    Lower,
    /// An upper case or title case letter (Lu, Lt).
    Upper,
    /// A decimal digit (Nd).
    Digit,
    /// Anything that is no letter, no mark and no number: punctuation, symbols, spaces (P, S, Zs).
    Symbol,
}

impl Class {
    /// The class of a character, if it is of one.
    fn of(c: char) -> Option<Self> {
        match CodePointMapData::<GeneralCategory>::new().get(c) {
            GeneralCategory::LowercaseLetter => Some(Self::Lower),
            GeneralCategory::UppercaseLetter | GeneralCategory::TitlecaseLetter => {
                Some(Self::Upper)
            }
            GeneralCategory::DecimalNumber => Some(Self::Digit),
            GeneralCategory::SpaceSeparator
            | GeneralCategory::DashPunctuation
            | GeneralCategory::OpenPunctuation
            | GeneralCategory::ClosePunctuation
            | GeneralCategory::ConnectorPunctuation
            | GeneralCategory::InitialPunctuation
            | GeneralCategory::FinalPunctuation
            | GeneralCategory::OtherPunctuation
            | GeneralCategory::MathSymbol
            | GeneralCategory::CurrencySymbol
            | GeneralCategory::ModifierSymbol
            | GeneralCategory::OtherSymbol => Some(Self::Symbol),
            GeneralCategory::ModifierLetter
            | GeneralCategory::OtherLetter
            | GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::EnclosingMark
            | GeneralCategory::LetterNumber
            | GeneralCategory::OtherNumber
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned => None,
        }
    }

    fn demand(self) -> &'static str {
        match self {
            Self::Lower => "a lower case letter",
            Self::Upper => "an upper case letter",
            Self::Digit => "a digit",
            Self::Symbol => "a symbol",
        }
    }
}

/// What a new password must be like. It is looked at when a password is set, never later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Characters at least.
    pub min_length: usize,
    /// Of each of these classes it needs one character.
    pub require: Vec<Class>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            min_length: 8,
            require: vec![Class::Lower, Class::Upper, Class::Digit, Class::Symbol],
        }
    }
}

impl Policy {
    /// A policy that every password meets.
    pub fn none() -> Self {
        Self {
            min_length: 0,
            require: Vec::new(),
        }
    }

    /// Sees that a password meets every demand.
    ///
    /// # Errors
    ///
    /// `PasswordPolicy`, which names every demand that is not met, each again as a detail. Never
    /// says anything else of the password.
    pub fn check(&self, password: &str) -> Result<()> {
        let mut unmet = Vec::new();
        if password
            .chars()
            .nth(self.min_length.saturating_sub(1))
            .is_none()
            && self.min_length > 0
        {
            unmet.push(format!("at least {} characters", self.min_length));
        }
        let lacks = |class: &&Class| !password.chars().any(|c| Class::of(c) == Some(**class));
        let classes = self.require.iter().filter(lacks);
        unmet.extend(classes.map(|class| class.demand().to_owned()));
        if unmet.is_empty() {
            return Ok(());
        }
        let problem =
            |of: &str| Problem::new(Code::PasswordPolicy, format!("the password needs {of}"));
        let whole = problem(&unmet.join(", "));
        if unmet.len() == 1 {
            return Err(whole);
        }
        Err(unmet
            .iter()
            .fold(whole, |whole, one| whole.with_detail(problem(one))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unmet(password: &str) -> Option<String> {
        let problem = Policy::default().check(password).err()?;
        assert_eq!(problem.code(), Code::PasswordPolicy);
        Some(problem.message().replace("the password needs ", ""))
    }

    #[test]
    fn every_unmet_demand_is_named() {
        for (password, expected) in [
            ("System@123", None),
            ("Aa1 aaaa", None),
            ("Żółw-1234", None),
            ("Парола-12", None),
            ("Aa٣_aaaa", None),
            ("Aa1_aaa", Some("at least 8 characters")),
            // Characters count, not bytes.
            ("Жж1_жжж", Some("at least 8 characters")),
            ("aa1_aaaa", Some("an upper case letter")),
            ("AA1_AAAA", Some("a lower case letter")),
            ("Aab_aaaa", Some("a digit")),
            ("Aa1baaaa", Some("a symbol")),
            // A Roman numeral is no digit, a mark no symbol.
            ("AaⅣ_aaaa", Some("a digit")),
            ("Aa1\u{301}aaaa", Some("a symbol")),
            (
                "x",
                Some("at least 8 characters, an upper case letter, a digit, a symbol"),
            ),
            (
                "",
                Some(
                    "at least 8 characters, a lower case letter, an upper case letter, a digit, a symbol",
                ),
            ),
        ] {
            assert_eq!(unmet(password).as_deref(), expected, "{password}");
        }
    }

    #[test]
    fn several_unmet_demands_are_details_too() {
        let problem = Policy::default().check("aaaaaaaa").unwrap_err();
        let details: Vec<_> = problem.details().iter().map(Problem::message).collect();
        assert_eq!(details.len(), 3, "{details:?}");
        assert!(!format!("{problem:?}").contains("aaaaaaaa"));
    }

    #[test]
    fn an_empty_policy_takes_anything() {
        assert!(Policy::none().check("").is_ok());
    }
}
