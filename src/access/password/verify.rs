//! Whether somebody knows a password.

use std::hint::black_box;

use super::identity::Stored;
use super::{Hashing, LONGEST, legacy};

/// The form of a stored password, as the model names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// ASP.NET Core Identity, version 3 or 2: `AspNetCoreV3`, code `AN3`.
    Identity,
    /// `MD5`.
    Md5,
}

impl Format {
    /// The format of a name or a code of the model.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "AspNetCoreV3" | "AN3" => Some(Self::Identity),
            "MD5" => Some(Self::Md5),
            _ => None,
        }
    }
}

/// How MD5 hashes are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Md5 {
    /// Not at all: such a password has to be set anew.
    Refused,
    /// Over the password in UTF-8.
    Utf8,
    /// Over the password in UTF-16LE.
    Utf16,
}

/// How passwords are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checking {
    /// How new ones are hashed: what is weaker is old.
    pub hashing: Hashing,
    /// How MD5 hashes are taken.
    pub md5: Md5,
}

impl Default for Checking {
    fn default() -> Self {
        Self {
            hashing: Hashing::default(),
            md5: Md5::Utf8,
        }
    }
}

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is not the password, or nothing that could be one is stored.
    Failed,
    /// It is the password.
    Right,
    /// It is the password, and its hash should be made anew: it is of version 2 or MD5, or its
    /// function or count is weaker than those of new ones. A higher count is left alone.
    RightButOld,
}

/// Checks a password against what is stored. Slow on purpose; see [`super::super::Hasher`].
///
/// A failure costs as much as [`dummy`] at least, so that its time does not tell accounts with old
/// or unusable hashes from those that are not there.
pub fn verify(password: &str, stored: &str, format: Format, checking: Checking) -> Verdict {
    if password.len() > LONGEST {
        return Verdict::Failed;
    }
    let (right, old, spent) = match format {
        Format::Identity => match Stored::parse(stored) {
            Some(stored) => {
                let right = stored.is_of(password);
                (right, is_old(&stored, checking.hashing), stored.iterations)
            }
            None => (false, true, 0),
        },
        Format::Md5 => {
            let digest = legacy::digest_of(stored);
            let is_of = |utf16| digest.is_some_and(|d| legacy::is_of(&d, password, utf16));
            let right = match checking.md5 {
                Md5::Refused => false,
                Md5::Utf8 => is_of(false),
                Md5::Utf16 => is_of(true),
            };
            (right, true, 0)
        }
    };
    match (right, old) {
        (true, false) => Verdict::Right,
        (true, true) => Verdict::RightButOld,
        (false, _) => {
            let rest = checking.hashing.iterations.saturating_sub(spent);
            spend(password, checking.hashing, rest);
            Verdict::Failed
        }
    }
}

/// Does the work of a check without a stored hash, for logins that are not there.
pub fn dummy(password: &str, hashing: Hashing) {
    if password.len() <= LONGEST {
        spend(password, hashing, hashing.iterations);
    }
}

fn is_old(stored: &Stored, hashing: Hashing) -> bool {
    !stored.is_current
        || stored.function < hashing.function
        || stored.iterations < hashing.iterations
}

/// Costs the time of some iterations.
fn spend(password: &str, hashing: Hashing, iterations: u32) {
    if iterations == 0 {
        return;
    }
    let mut subkey = [0_u8; 32];
    let password = black_box(password.as_bytes());
    hashing
        .function
        .derive(password, &[0; 16], iterations, &mut subkey);
    black_box(subkey);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Function, check_hash, hash};
    use super::*;

    const PASSWORD: &str = "my password";

    /// One iteration, so that only the hashes of the table take time.
    fn checking(function: Function, iterations: u32) -> Checking {
        Checking {
            hashing: Hashing {
                function,
                iterations,
            },
            md5: Md5::Utf8,
        }
    }

    /// The known answers of the format, and two that must fail.
    #[rustfmt::skip]
    const KNOWN: &[(&str, Verdict)] = &[
        ("AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M", Verdict::RightButOld),
        ("AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw", Verdict::Right),
        ("AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==", Verdict::RightButOld),
        ("AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=", Verdict::RightButOld),
        ("AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+ZfhjCcudtC1YERSqE1OEdXLW9VukPuJWBBjLuw==", Verdict::Right),
        ("AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==", Verdict::Right),
        ("AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==", Verdict::RightButOld),
        ("AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHwAAAAAAAAAAAA", Verdict::Failed),
        ("AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4A=", Verdict::Failed),
    ];

    #[test]
    fn known_answers_are_met() {
        for (stored, verdict) in KNOWN {
            let found = |password| {
                verify(
                    password,
                    stored,
                    Format::Identity,
                    checking(Function::Sha512, 1),
                )
            };
            assert_eq!(found(PASSWORD), *verdict, "{stored}");
            assert_eq!(found("my Password"), Verdict::Failed, "{stored}");
        }
    }

    #[test]
    fn what_is_weaker_than_new_ones_is_old() {
        for (function, iterations, verdict) in [
            (Function::Sha512, 50, Verdict::Right),
            (Function::Sha512, 49, Verdict::Right),
            (Function::Sha512, 51, Verdict::RightButOld),
            (Function::Sha256, 50, Verdict::Right),
        ] {
            let stored = "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw";
            let checking = checking(function, iterations);
            let found = verify(PASSWORD, stored, Format::Identity, checking);
            assert_eq!(found, verdict, "{function:?} {iterations}");
        }
    }

    #[test]
    fn what_is_written_is_right() {
        for function in [Function::Sha256, Function::Sha512] {
            let checking = checking(function, 3);
            let stored = hash(PASSWORD, &[9; 16], checking.hashing).unwrap();
            let found = |password| verify(password, &stored, Format::Identity, checking);
            assert_eq!(found(PASSWORD), Verdict::Right);
            assert_eq!(found(""), Verdict::Failed);
        }
    }

    #[test]
    fn md5_is_taken_in_its_forms() {
        #[rustfmt::skip]
        let table = [
            ("329670c3265b6ccd392e622733e9772f", Md5::Utf8, Verdict::RightButOld),
            ("329670C3265B6CCD392E622733E9772F", Md5::Utf8, Verdict::RightButOld),
            ("MpZwwyZbbM05LmInM+l3Lw==", Md5::Utf8, Verdict::RightButOld),
            ("MpZwwyZbbM05LmInM+l3Lw==", Md5::Refused, Verdict::Failed),
            ("MpZwwyZbbM05LmInM+l3Lw==", Md5::Utf16, Verdict::Failed),
            ("329670c3265b6ccd392e622733e97720", Md5::Utf8, Verdict::Failed),
            ("329670c3265b6ccd392e622733e9772", Md5::Utf8, Verdict::Failed),
            ("", Md5::Utf8, Verdict::Failed),
        ];
        for (stored, md5, verdict) in table {
            let checking = Checking {
                md5,
                ..checking(Function::Sha512, 1)
            };
            let found = verify(PASSWORD, stored, Format::Md5, checking);
            assert_eq!(found, verdict, "{stored} {md5:?}");
        }
    }

    /// Made with another program: the MD5 of `my password` in UTF-16LE.
    #[test]
    fn md5_over_utf_16_is_taken() {
        let checking = Checking {
            md5: Md5::Utf16,
            ..checking(Function::Sha512, 1)
        };
        let stored = "c5937b90623b82e30d446a32c186283a";
        let found = verify(PASSWORD, stored, Format::Md5, checking);
        assert_eq!(found, Verdict::RightButOld);
    }

    #[test]
    fn a_format_does_not_take_the_other_s_hashes() {
        let checking = checking(Function::Sha512, 1);
        let (identity, _) = KNOWN[0];
        assert_eq!(
            verify(PASSWORD, identity, Format::Md5, checking),
            Verdict::Failed
        );
        let md5 = "329670c3265b6ccd392e622733e9772f";
        assert_eq!(
            verify(PASSWORD, md5, Format::Identity, checking),
            Verdict::Failed
        );
    }

    #[test]
    fn a_password_that_is_too_long_is_not_hashed() {
        // The work would never end.
        let checking = checking(Function::Sha512, u32::MAX);
        let long = "x".repeat(1025);
        assert_eq!(
            verify(&long, KNOWN[0].0, Format::Identity, checking),
            Verdict::Failed
        );
        dummy(&long, checking.hashing);
    }

    #[test]
    fn formats_have_a_name_and_a_code() {
        for (name, format) in [
            ("AspNetCoreV3", Some(Format::Identity)),
            ("AN3", Some(Format::Identity)),
            ("MD5", Some(Format::Md5)),
            ("md5", None),
        ] {
            assert_eq!(Format::named(name), format, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_stored_text_is_too_odd(text in "[A-Za-z0-9+/=]{0,120}|\\PC{0,80}") {
            for (name, format) in [("AspNetCoreV3", Format::Identity), ("MD5", Format::Md5)] {
                // What is refused at the import never verifies.
                if check_hash(&text, name).is_err() {
                    let checking = checking(Function::Sha512, 1);
                    prop_assert_eq!(verify("x", &text, format, checking), Verdict::Failed);
                }
            }
        }
    }
}
