//! Draws a caret under a span.

use super::Span;

/// How many characters of the text are shown around the place.
const WINDOW: usize = 80;

/// Bytes of a text that is kept whole.
const WHOLE: usize = 1024;
/// Bytes kept on either side of the place in a longer one: more than a window of the longest
/// characters, so that the drawing is that of the whole text.
const AROUND: usize = WINDOW * 5;

/// What of a text is enough to draw a place in it, and where the place is there.
pub(super) fn excerpt(text: &str, span: Option<Span>) -> (&str, Option<Span>) {
    if text.len() <= WHOLE {
        return (text, span);
    }
    let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    let place = span.unwrap_or_default();
    let start = at(place.start).min(text.len());
    let from = text.floor_char_boundary(start.saturating_sub(AROUND));
    let to = text.floor_char_boundary(start.saturating_add(AROUND));
    let moved = |place: Span| {
        let end = at(place.end).clamp(start, to.max(start));
        Span::new(start - from, end - from)
    };
    (text.get(from..to).unwrap_or_default(), span.map(moved))
}

/// The line of `text` that holds `span`, and carets below it. Control characters become spaces.
pub(super) fn draw(text: &str, span: Span) -> String {
    let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    let before = text.get(..at(span.start)).unwrap_or(text).chars().count();
    let under = span.of(text).chars().count().max(1);
    let skipped = before.saturating_sub(WINDOW / 2);
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let shown: String = text
        .chars()
        .skip(skipped)
        .take(WINDOW)
        .map(visible)
        .collect();
    let lead = if skipped > 0 { "…" } else { "" };
    let tail = if text.chars().count() > skipped + WINDOW {
        "…"
    } else {
        ""
    };
    let pad = " ".repeat(before - skipped + lead.chars().count());
    let room = WINDOW.saturating_sub(before - skipped).max(1);
    format!("{lead}{shown}{tail}\n{pad}{}", "^".repeat(under.min(room)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_the_place() {
        let text = "Имя eq 'Ann'";
        let start = text.find("eq").unwrap();
        assert_eq!(
            draw(text, Span::new(start, start + 2)),
            "Имя eq 'Ann'\n    ^^"
        );
    }

    #[test]
    fn an_end_of_text_gets_one_caret() {
        assert_eq!(draw("a eq", Span::new(4, 4)), "a eq\n    ^");
    }

    #[test]
    fn a_long_text_is_cut_around_the_place() {
        let text = format!("{}!{}", "a".repeat(300), "b".repeat(300));
        let drawn = draw(&text, Span::new(300, 301));
        let (line, caret) = drawn.split_once('\n').unwrap();
        assert_eq!(line.chars().count(), WINDOW + 2);
        assert_eq!(
            line.chars().position(|c| c == '!'),
            caret.chars().position(|c| c == '^')
        );
    }

    #[test]
    fn an_excerpt_of_a_long_text_is_drawn_like_the_whole() {
        for letter in ["a", "я", "𝄞"] {
            let text = letter.repeat(5_000);
            let size = letter.len();
            for (start, end) in [
                (0, 1),
                (30, 35),
                (2_000, 2_001),
                (2_000, 4_000),
                (4_990, 5_000),
                (5_000, 5_000),
            ] {
                let place = Span::new(start * size, end * size);
                let (kept, moved) = excerpt(&text, Some(place));
                assert!(kept.len() <= 2 * AROUND, "{}", kept.len());
                assert_eq!(
                    draw(kept, moved.unwrap()),
                    draw(&text, place),
                    "{letter} {start}"
                );
            }
        }
    }
}
