//! The chain: each link is a hash over the one before, a number, and an entry.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use super::entry::Entry;

/// What every hash starts with: hashes of another form would start with another word.
const FORM: &[u8] = b"userdex audit 1";

/// A hash of the chain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What comes before the first entry.
    pub const NOTHING: Self = Self([0; 32]);

    /// The hash of stored bytes; nothing for bytes that are none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        <[u8; 32]>::try_from(bytes).ok().map(Self)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A place in the chain: the number of an entry and the hash up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number.
    pub number: i64,
    /// The hash.
    pub hash: Hash,
}

impl Head {
    /// The place after one more entry.
    #[must_use]
    pub fn after(self, entry: &Entry) -> Self {
        let number = self.number.saturating_add(1);
        let mut hasher = Context::new(&SHA256);
        hasher.update(FORM);
        hasher.update(&self.hash.0);
        hasher.update(&number.to_be_bytes());
        hasher.update(&entry.canonical());
        Self {
            number,
            hash: Hash::read(hasher.finish().as_ref()).unwrap_or(Hash::NOTHING),
        }
    }
}

impl fmt::Display for Head {
    /// `number:hash`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

/// A head that somebody has kept, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedHead {
    /// The number.
    pub number: i64,
    hash: String,
}

impl ParsedHead {
    /// The head of `number:hash`; nothing for another text.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, hash) = text.trim().split_once(':')?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let number = number.parse().ok().filter(|number| *number >= 0)?;
        is_hash.then(|| Self {
            number,
            hash: hash.to_ascii_lowercase(),
        })
    }

    fn is(&self, hash: Hash) -> bool {
        self.hash == hash.to_string()
    }
}

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The row of the head is not there.
    NoHead,
    /// An entry is gone whose number is in the chain, or a number is gone.
    Missing(i64),
    /// An entry is not what it was.
    Changed(i64),
    /// The chain ends elsewhere than its head says: at this number.
    EndsAt(i64),
    /// This many entries are in no chain.
    Strangers(u64),
    /// The chain does not have the head that was kept elsewhere.
    NotTheKept(i64),
    /// The kept head is of an entry that retention has removed: it proves nothing any more.
    KeptIsGone(i64),
    /// The start of the chain was removed, and no entry of a retention says so.
    StartUnexplained(i64),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHead => f.write_str("the row of the head is missing"),
            Self::Missing(number) => write!(f, "entry {number} is missing"),
            Self::Changed(number) => write!(f, "entry {number} was changed"),
            Self::EndsAt(number) => {
                write!(
                    f,
                    "the log ends at entry {number}, and its head says otherwise"
                )
            }
            Self::Strangers(count) => write!(f, "{count} entries are not of the chain"),
            Self::NotTheKept(number) => {
                write!(f, "entry {number} is not the one whose head was kept")
            }
            Self::KeptIsGone(number) => write!(
                f,
                "entry {number}, whose head was kept, was removed by retention: keep a newer head"
            ),
            Self::StartUnexplained(number) => write!(
                f,
                "entries up to {number} are gone, and no entry says that retention removed them"
            ),
        }
    }
}

/// Follows a chain from its start to its end.
#[derive(Debug)]
pub struct Checker {
    /// Where the chain is.
    at: Head,
    start: i64,
    explained: bool,
    kept: Option<ParsedHead>,
    findings: Vec<Finding>,
    /// How many entries hold.
    pub good: u64,
}

/// Findings that are told one by one.
const MOST_FINDINGS: usize = 20;

impl Checker {
    /// At the start of a chain: after what retention has removed. `kept` is a head that was kept
    /// elsewhere.
    pub fn new(start: Head, kept: Option<ParsedHead>) -> Self {
        let mut checker = Self {
            at: start,
            start: start.number,
            explained: start.number == 0,
            kept,
            findings: Vec::new(),
            good: 0,
        };
        match &checker.kept {
            Some(kept) if kept.number < start.number => {
                checker.findings.push(Finding::KeptIsGone(kept.number));
            }
            Some(_) | None => checker.see_kept(),
        }
        checker
    }

    /// The next link of the chain as it is stored, and its entry where it is there.
    pub fn link(&mut self, number: i64, hash: Option<Hash>, entry: Option<&Entry>) {
        if self.findings.len() >= MOST_FINDINGS {
            return;
        }
        let expected = self.at.number.saturating_add(1);
        if number != expected {
            self.findings.push(Finding::Missing(expected));
        }
        let before = Head {
            number: number.saturating_sub(1),
            hash: self.at.hash,
        };
        let stored = hash.unwrap_or(Hash::NOTHING);
        match entry {
            None => self.findings.push(Finding::Missing(number)),
            // After a gap the hash before is not known: one finding for one fault.
            Some(_) if number != expected => {}
            Some(entry) if before.after(entry).hash != stored => {
                self.findings.push(Finding::Changed(number));
            }
            Some(entry) => {
                self.good = self.good.saturating_add(1);
                self.explained |= self.explains(entry);
            }
        }
        self.at = Head {
            number,
            hash: stored,
        };
        self.see_kept();
    }

    /// Whether an entry is that of the retention that removed what came before the start.
    fn explains(&self, entry: &Entry) -> bool {
        let is_retention = entry.name.as_deref() == Some(super::What::AuditShortened.name());
        let details = entry.details.as_deref().unwrap_or_default();
        let details: serde_json::Value = serde_json::from_str(details).unwrap_or_default();
        is_retention
            && details.get("through").and_then(serde_json::Value::as_i64) == Some(self.start)
    }

    fn see_kept(&mut self) {
        let at = self.at;
        if let Some(kept) = self.kept.take_if(|kept| kept.number == at.number)
            && !kept.is(at.hash)
        {
            self.findings.push(Finding::NotTheKept(kept.number));
        }
    }

    /// The end: what is wrong, the worst first to last in the order of the chain.
    pub fn end(mut self, head: Option<Head>, strangers: u64) -> (Head, Vec<Finding>) {
        match head {
            None => self.findings.push(Finding::NoHead),
            Some(head) if head != self.at && self.findings.len() < MOST_FINDINGS => {
                self.findings.push(Finding::EndsAt(self.at.number));
            }
            Some(_) => {}
        }
        if let Some(kept) = self.kept.take().filter(|kept| kept.number > self.at.number) {
            self.findings.push(Finding::NotTheKept(kept.number));
        }
        if strangers > 0 {
            self.findings.push(Finding::Strangers(strangers));
        }
        if !self.explained && self.findings.is_empty() {
            self.findings.push(Finding::StartUnexplained(self.start));
        }
        (self.at, self.findings)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::{Event, What, Who};
    use super::*;
    use crate::value::Timestamp;

    const START: Head = Head {
        number: 0,
        hash: Hash::NOTHING,
    };

    fn entry(n: u128) -> Entry {
        let time = Timestamp::from_micros(1_000_000);
        let event = Event::new(What::SignedIn, Who::default()).with("n", n.to_string());
        Entry::of(Uuid::from_u128(n), &event, 1, (time, time))
    }

    /// Entries with their numbers and hashes, and the head.
    fn chain(length: u128) -> (Vec<(Head, Option<Entry>)>, Head) {
        let mut at = START;
        let links = (1..=length).map(|n| {
            let entry = entry(n);
            at = at.after(&entry);
            (at, Some(entry))
        });
        (links.collect(), at)
    }

    fn check(links: &[(Head, Option<Entry>)], head: Option<Head>, kept: Option<&str>) -> String {
        let kept = kept.map(|kept| ParsedHead::parse(kept).unwrap());
        let mut checker = Checker::new(START, kept);
        for (at, entry) in links {
            checker.link(at.number, Some(at.hash), entry.as_ref());
        }
        let (_, findings) = checker.end(head, 0);
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        findings.join("; ")
    }

    #[test]
    fn a_whole_chain_holds() {
        let (links, head) = chain(3);
        assert_eq!(check(&links, Some(head), None), "");
        let kept = links[1].0.to_string();
        assert_eq!(check(&links, Some(head), Some(&kept)), "");
        assert_eq!(check(&[], Some(START), None), "");
    }

    #[test]
    fn every_tampering_shows_where_it_is() {
        type Tamper = fn(&mut Vec<(Head, Option<Entry>)>);
        let cases: [(Tamper, &str); 4] = [
            (
                |links| links[1].1.as_mut().unwrap().details = None,
                "entry 2 was changed",
            ),
            (|links| links[1].1 = None, "entry 2 is missing"),
            (|links| drop(links.remove(1)), "entry 2 is missing"),
            (
                |links| drop(links.pop()),
                "the log ends at entry 2, and its head says otherwise",
            ),
        ];
        let (whole, head) = chain(3);
        for (tamper, expected) in cases {
            let mut links = whole.clone();
            tamper(&mut links);
            assert_eq!(check(&links, Some(head), None), expected);
        }
        assert_eq!(check(&whole, None, None), "the row of the head is missing");
        // A chain that was made anew from its start holds, but is not the one that was kept.
        let (mut made, _) = chain(2);
        let mut other = entry(3);
        other.user = Some(Uuid::nil());
        let at = made[1].0.after(&other);
        made.push((at, Some(other)));
        assert_eq!(check(&made, Some(at), None), "");
        let kept = "entry 3 is not the one whose head was kept";
        assert_eq!(check(&made, Some(at), Some(&head.to_string())), kept);
        assert_eq!(
            check(&made[..2], Some(made[1].0), Some(&head.to_string())),
            kept
        );
    }

    #[test]
    fn every_value_is_in_the_hash() {
        let plain = entry(1);
        let changes: [fn(&mut Entry); 11] = [
            |e| e.id = Uuid::nil(),
            |e| e.time = Timestamp::from_micros(0),
            |e| e.class = "E".to_owned(),
            |e| e.code = "ETH".to_owned(),
            |e| e.name = None,
            |e| e.application = Some(String::new()),
            |e| e.user = Some(Uuid::nil()),
            |e| e.table = Some(String::new()),
            |e| e.object = Some(Uuid::nil()),
            |e| e.details = Some("{}".to_owned()),
            |e| e.foreign[2] = Some("{}".to_owned()),
        ];
        let mut hashes = vec![START.after(&plain).hash.to_string()];
        for change in changes {
            let mut other = plain.clone();
            change(&mut other);
            hashes.push(START.after(&other).hash.to_string());
        }
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), 12);
    }

    #[test]
    fn a_start_needs_its_retention() {
        let (links, _) = chain(2);
        let start = links[1].0;
        let time = Timestamp::from_micros(2_000_000);
        let retention = |through: i64| {
            let event = Event::new(What::AuditShortened, Who::default()).with("through", through);
            Entry::of(Uuid::nil(), &event, 1, (time, time))
        };
        for (through, expected) in [(2, 0), (1, 1)] {
            let mut checker = Checker::new(start, None);
            let entry = retention(through);
            let at = start.after(&entry);
            checker.link(at.number, Some(at.hash), Some(&entry));
            assert_eq!(checker.end(Some(at), 0).1.len(), expected);
        }
        let kept = ParsedHead::parse(&links[0].0.to_string());
        let gone = Checker::new(start, kept).end(Some(start), 0).1;
        assert_eq!(gone, [Finding::KeptIsGone(1)]);
    }

    #[test]
    fn heads_are_read() {
        let hash = "0".repeat(64);
        for (text, expected) in [
            (format!("7:{hash}"), Some(7)),
            (format!(" 0:{hash}\n"), Some(0)),
            (format!("-1:{hash}"), None),
            (format!("x:{hash}"), None),
            ("7:00".to_owned(), None),
            (hash, None),
        ] {
            let read = ParsedHead::parse(&text).map(|head| head.number);
            assert_eq!(read, expected, "{text}");
        }
    }
}
