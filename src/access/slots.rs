//! How many sessions there may be at once.

/// Sessions at once, and the logins for which slots are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slots {
    /// Sessions at once; 0 is without limit.
    pub most: usize,
    /// Logins that each have a slot of their own, folded.
    pub reserved: Vec<String>,
}

impl Slots {
    /// Whether a login may open one more session beside those of `live` (a folded login for each).
    /// A reserved login that has no session keeps its slot from all others.
    pub fn has_room(&self, login: &str, live: &[String]) -> bool {
        if self.most == 0 {
            return true;
        }
        let is_idle = |kept: &&String| *kept != login && !live.contains(*kept);
        let kept = self.reserved.iter().filter(is_idle).count();
        let is_reserved = self.reserved.iter().any(|kept| kept == login);
        // Whoever has a slot of their own takes it before any other.
        let kept = if is_reserved && !live.iter().any(|other| other == login) {
            0
        } else {
            kept
        };
        live.len().saturating_add(kept) < self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_logins_find_a_slot() {
        let slots = Slots {
            most: 3,
            reserved: vec!["root".to_owned(), "night".to_owned()],
        };
        for (login, live, expected) in [
            ("ann", "", true),
            ("ann", "bob", false),
            ("ann", "root", true),
            ("ann", "root night", true),
            ("ann", "root night bob", false),
            ("root", "bob", true),
            ("root", "bob ann", true),
            ("root", "bob ann eve", false),
            // Its own slot is in use: it is as others are.
            ("root", "root bob", false),
            ("root", "root night", true),
        ] {
            let live: Vec<String> = live.split_whitespace().map(str::to_owned).collect();
            assert_eq!(slots.has_room(login, &live), expected, "{login} {live:?}");
        }
        assert!(Slots::default().has_room("ann", &vec!["bob".to_owned(); 99]));
    }
}
