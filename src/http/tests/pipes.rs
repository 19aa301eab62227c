//! Answers on their way from a blocking thread.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::rt::task::spawn_blocking;
use bytes::Bytes;
use tokio::runtime::Handle;

use crate::diag::{Code, Problem, Result};
use crate::http::pipe::{Pipe, Start, Stream};
use crate::service::{Flow, Head, Output, Timings};

fn head(length: Option<usize>) -> Head {
    Head {
        status: 200,
        content_type: None,
        etag: None,
        covered: false,
        odata_version: "4.01",
        preference_applied: None,
        length,
        timings: Timings::default(),
    }
}

fn late() -> Result<()> {
    Err(Problem::new(Code::DeadlineExceeded, "too long"))
}

/// Runs `work` on a blocking thread and tells what the connection sees: the parts, one letter
/// each, `.` for a proper end, `!` for a cut.
async fn seen(work: impl FnOnce(&mut Pipe) -> Result<()> + Send + 'static) -> String {
    let (mut pipe, start) = Pipe::new(Handle::current(), Duration::from_secs(5));
    let thread = spawn_blocking(move || {
        let outcome = work(&mut pipe);
        drop(pipe.finish(outcome));
    });
    let seen = match start.await {
        Err(_) => "nothing".to_owned(),
        Ok(Err(problem)) => problem.code().word().to_owned(),
        Ok(Ok(Start::Whole(_, body))) => format!("whole {}", String::from_utf8_lossy(&body)),
        Ok(Ok(Start::Stream(_, stream))) => format!("stream {}", read(stream).await),
    };
    drop(thread.await);
    seen
}

/// Everything that comes of a stream.
async fn read(mut stream: Stream) -> String {
    let mut text = String::new();
    loop {
        match poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
            Some(Ok(chunk)) => text += &String::from_utf8_lossy(&chunk),
            Some(Err(_)) => break text + "!",
            None => break text + ".",
        }
    }
}

/// Sends one part of one letter.
fn send(pipe: &mut Pipe, letter: &'static str) -> Result<Flow> {
    pipe.chunk(Bytes::from_static(letter.as_bytes()))
}

#[actix_web::test]
async fn whole_answers_and_streams() {
    let whole = seen(|pipe| {
        pipe.head(head(Some(1)))?;
        send(pipe, "a").map(drop)
    });
    assert_eq!(whole.await, "whole a");
    let only_head = seen(|pipe| pipe.head(head(Some(9))));
    assert_eq!(only_head.await, "whole ");
    let stream = seen(|pipe| {
        pipe.head(head(None))?;
        ["a", "b", "c", "d", "e", "f", "g"]
            .into_iter()
            .try_for_each(|letter| send(pipe, letter).map(drop))
    });
    assert_eq!(stream.await, "stream abcdefg.");
}

#[actix_web::test]
async fn problems_are_told_until_the_first_part_and_cut_after_it() {
    assert_eq!(seen(|_| late()).await, "DeadlineExceeded");
    let after_head = seen(|pipe| {
        pipe.head(head(None))?;
        late()
    });
    assert_eq!(after_head.await, "DeadlineExceeded");
    let after_part = seen(|pipe| {
        pipe.head(head(None))?;
        send(pipe, "a")?;
        late()
    });
    assert_eq!(after_part.await, "stream a!");
    assert_eq!(seen(|_| Ok(())).await, "Internal");
}

#[actix_web::test]
async fn a_panic_is_a_cut() {
    let panicked = seen(|pipe| {
        pipe.head(head(None))?;
        send(pipe, "a")?;
        panic!("on purpose");
    });
    assert_eq!(panicked.await, "stream a!");
    assert_eq!(seen(|_| panic!("on purpose")).await, "nothing");
}

#[actix_web::test]
async fn a_client_that_is_gone_stops_the_read() {
    let (mut pipe, start) = Pipe::new(Handle::current(), Duration::from_secs(5));
    drop(start);
    pipe.head(head(None)).unwrap();
    assert_eq!(send(&mut pipe, "a").unwrap(), Flow::Stop);

    let (mut pipe, start) = Pipe::new(Handle::current(), Duration::from_secs(5));
    pipe.head(head(None)).unwrap();
    assert_eq!(send(&mut pipe, "a").unwrap(), Flow::More);
    drop(start.await);
    assert_eq!(send(&mut pipe, "b").unwrap(), Flow::Stop);
}

#[actix_web::test]
async fn a_client_that_does_not_read_is_given_up() {
    let (mut pipe, start) = Pipe::new(Handle::current(), Duration::from_millis(1));
    let flows = spawn_blocking(move || {
        pipe.head(head(None)).unwrap();
        let flows: Vec<Flow> = (0..5).map(|_| send(&mut pipe, "a").unwrap()).collect();
        assert!(!pipe.is_wanted());
        (flows, pipe)
    });
    let start = start.await.unwrap().unwrap();
    let (flows, pipe) = flows.await.unwrap();
    assert_eq!(
        flows,
        [Flow::More, Flow::More, Flow::More, Flow::More, Flow::Stop]
    );
    // One that reads on, before the read has ended, is not told that this was all.
    let Start::Stream(_, stream) = start else {
        panic!("the answer has a length");
    };
    let ended = spawn_blocking(move || pipe.finish(Ok(())));
    assert_eq!(read(stream).await, "aaaa!");
    let told = ended.await.unwrap().unwrap_err();
    assert_eq!(told.code(), Code::DeadlineExceeded);
}
