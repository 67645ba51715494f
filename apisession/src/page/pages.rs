//! The pages of a list, each a call.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::iter;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use http::StatusCode;

use super::pager::Start;
use super::position::{Position, Target};
use super::seen::Seen;
use super::style::{Next, PageView};
use super::{Page, PageToken, Pager};
use crate::call::{self, Started};
use crate::error::{Error, ErrorKind, Result};
use crate::message::Response;
use crate::observe::PageRead;
use crate::redact::Secret;

/// The pages of a list. [`next`](Self::next) requests one after the other. It is a `Stream` as well.
///
/// What [`Items`](crate::Items) promises about errors, the end and dropping holds here too.
pub struct Pages<T, E = Error> {
    pager: Pager<T, E>,
    size: Option<u64>,
    /// The place in the page that was returned last, after the last item that was returned.
    last: Position,
    /// The place after it.
    at: Position,
    /// The calls of the pages from `at` on.
    queue: VecDeque<Ahead>,
    /// What leads to the pages after the next one, as far as it is known.
    known: Vec<Target>,
    seen: Seen,
    /// What must not be shown of a link to the next page.
    secrets: Vec<Secret>,
    total: Option<u64>,
    pages_left: Option<u64>,
    items_left: Option<u64>,
    /// What `next` returns before anything else.
    failure: Option<Error>,
    has_ended: bool,
}

/// The call of a page.
#[derive(Default)]
struct Ahead {
    call: Option<Started>,
    end: Option<Result<Response>>,
}

impl<T, E> Pager<T, E> {
    /// Reads the pages, as they are asked for.
    pub fn pages(self) -> Pages<T, E> {
        Pages::new(self)
    }

    /// Reads all items into a list. Limit it by [`with_max_items`](Self::with_max_items) if the server has many.
    ///
    /// # Errors
    ///
    /// Fails with the first page that fails. What was read before is lost; [`items`](Self::items) keeps it.
    pub async fn try_collect(self) -> Result<Vec<T>, E>
    where
        E: From<Error>,
    {
        let mut pages = self.pages();
        let mut items = Vec::new();
        while let Some(page) = pages.next().await {
            items.append(&mut page?.into_items());
        }
        Ok(items)
    }
}

impl<T, E> Pages<T, E> {
    fn new(pager: Pager<T, E>) -> Self {
        let (start, failure) = match pager.start() {
            Ok(start) => (start, None),
            Err(error) => {
                let error = error.in_operation(pager.arguments.operation());
                (Start { position: Position::START, size: None }, Some(error))
            }
        };
        let (pages_left, items_left) = (pager.options.max_pages, pager.options.max_items);
        let Start { position, size } = start;
        Self {
            pager,
            size,
            last: position.clone(),
            at: position,
            queue: VecDeque::new(),
            known: Vec::new(),
            seen: Seen::default(),
            secrets: Vec::new(),
            total: None,
            pages_left,
            items_left,
            failure,
            has_ended: false,
        }
    }

    /// Returns the next page, or `None` after the last one. It can be dropped while it waits, and called again.
    pub async fn next(&mut self) -> Option<Result<Page<T>, E>>
    where
        E: From<Error>,
    {
        poll_fn(|context| self.poll_page(context)).await.map(|page| page.map_err(E::from))
    }

    /// Returns the place after the page that was returned last.
    #[must_use]
    pub fn resume_token(&self) -> PageToken {
        self.token(&self.at)
    }

    /// Returns how many pages were read.
    #[must_use]
    pub fn pages_read(&self) -> u64 {
        self.at.pages
    }

    /// Returns how many items there are on all pages: see [`Page::total`].
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// The place before the last `left` items of the page that was returned last.
    pub(super) fn token_before(&self, left: usize) -> PageToken {
        if left == 0 {
            return self.resume_token();
        }
        let returned = self.last.skip.saturating_sub(left as u64);
        self.token(&Position { skip: returned, ..self.last.clone() })
    }

    fn token(&self, position: &Position) -> PageToken {
        PageToken::new(position, self.size, &self.pager.shape())
    }

    pub(super) fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page<T>>>> {
        loop {
            if let Some(error) = self.failure.take() {
                self.end();
                return Poll::Ready(Some(Err(error)));
            }
            if self.has_ended || self.at.is_end || self.pages_left == Some(0) || self.items_left == Some(0) {
                self.end();
                return Poll::Ready(None);
            }
            self.plan();
            self.read_ahead(context);
            let Some(first) = self.queue.front_mut() else { return Poll::Pending };
            let Some(end) = first.end.take() else { return Poll::Pending };
            let call = first.call.take();
            let page = (self.pager.decode)(end);
            self.tell(call, &page);
            match page {
                Ok(mut page) => {
                    self.accept(&mut page);
                    // A place in the middle of a page can be its end.
                    if page.is_empty() && self.last.skip > 0 {
                        continue;
                    }
                    return Poll::Ready(Some(Ok(page)));
                }
                Err(error) if self.is_past_end(error.status()) => self.end(),
                Err(error) => {
                    let is_lasting = matches!(
                        error.kind(),
                        ErrorKind::Argument
                            | ErrorKind::BodyNotReplayable
                            | ErrorKind::Configuration
                            | ErrorKind::NotBuilt
                    );
                    if is_lasting {
                        self.end();
                    }
                    return Poll::Ready(Some(Err(error.in_operation(self.pager.arguments.operation()))));
                }
            }
        }
    }

    /// Whether no call is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    /// Lets the calls make progress.
    pub(super) fn read_ahead(&mut self, context: &mut Context<'_>) {
        let Self { pager, size, at, queue, known, secrets, .. } = self;
        let targets = iter::once(at.target.as_ref()).chain(known.iter().map(Some));
        for (ahead, target) in queue.iter_mut().zip(targets) {
            if ahead.end.is_some() {
                continue;
            }
            let call = ahead
                .call
                .get_or_insert_with(|| call::start(&pager.session, pager.request(target, *size, secrets)));
            if let Poll::Ready(end) = Pin::new(call).poll(context) {
                ahead.end = Some(end);
            }
        }
    }

    /// Makes the queue consist of the next page and those that are known after it.
    fn plan(&mut self) {
        let max = self.pages_left.map_or(usize::MAX, index);
        let count = max.min(1 + self.known.len());
        while self.queue.len() < count {
            self.queue.push_back(Ahead::default());
        }
    }

    /// Tells those who look about a page, and about the end of its call.
    fn tell(&self, call: Option<Started>, page: &Result<Page<T>>) {
        if let Some(mut call) = call {
            match page {
                Err(error) if self.is_past_end(error.status()) => call.end(&Ok(())),
                page => call.end(page),
            }
        }
        let (Ok(page), Ok(engine)) = (page, self.pager.session.engine()) else { return };
        let (operation, number) = (self.pager.arguments.operation(), self.at.pages.saturating_add(1));
        let read = PageRead { operation, number, items: page.items.len() };
        engine.observers().tell(|observer| observer.page_read(&read));
    }

    /// Whether this status ends the list. Of the first page it is an error.
    fn is_past_end(&self, status: Option<StatusCode>) -> bool {
        let is_declared = |status: StatusCode| self.pager.paging.past_end.contains(&status.as_u16());
        self.at.target.is_some() && status.is_some_and(is_declared)
    }

    /// Takes note of a page, and leaves what of it is the caller's.
    fn accept(&mut self, page: &mut Page<T>) {
        self.queue.pop_front();
        let value = self.pager.value(self.at.target.as_ref());
        let mut known = Vec::new();
        let next = {
            let response = || page.response();
            let view = PageView {
                head: &page.head,
                facts: &page.facts,
                response: &response,
                items: page.items.len(),
                pages_before: self.at.pages,
                items_before: self.at.items,
                value: value.as_deref(),
                size: self.size,
            };
            let style = self.pager.paging.style;
            for step in 1..=self.read_ahead_steps() {
                let Some(Next(Some(target))) = style.ahead(&view, step) else { break };
                known.push(target);
            }
            style.next(&view)
        };
        self.total = page.total().or(self.total);
        self.pages_left = self.pages_left.map(|left| left - 1);
        page.number = self.at.pages.saturating_add(1);
        let all = page.items.len() as u64;
        let skipped = self.at.skip.min(all);
        page.items.drain(..index(skipped));
        let kept = self.items_left.map_or(all, |left| left.min(all)).min(page.items.len() as u64);
        let is_cut = kept < page.items.len() as u64;
        page.items.truncate(index(kept));
        self.items_left = self.items_left.map(|left| left - kept);
        self.at.skip = skipped + kept;
        let follows = if is_cut { None } else { self.following(next, page) };
        let Some(Next(target)) = follows else {
            // The list ends or fails here, and continues in this page.
            self.last = self.at.clone();
            return;
        };
        // The calls of pages that were expected, and are not those that follow, are dropped.
        let expected = self.known.iter().zip(target.iter().chain(&known));
        self.queue.truncate(expected.take_while(|(expected, follows)| expected == follows).count());
        self.known = known;
        let (pages, items) = (self.at.pages.saturating_add(1), self.at.items.saturating_add(all));
        let at = Position { is_end: target.is_none(), target, pages, items, skip: 0 };
        self.last = mem::replace(&mut self.at, at);
    }

    /// Returns what follows a page, or keeps the error that nothing does.
    fn following(&mut self, next: Result<Next>, page: &Page<T>) -> Option<Next> {
        let target = match next {
            Ok(Next(Some(target))) => target,
            Ok(end) => return Some(end),
            Err(error) => {
                self.failure = Some(error.in_operation(self.pager.arguments.operation()));
                return None;
            }
        };
        if self.at.target.is_none() {
            self.remember_first(&target, page);
        }
        if !self.seen.insert(&target) {
            let message = "the page leads to a page that was there before, so that the list would not end";
            self.failure = Some(page.response().into_error(ErrorKind::PaginationLoop, message));
            return None;
        }
        if let Target::Link(_) = target {
            self.secrets = page.head.sent.as_ref().map(|sent| sent.exchange.secrets()).unwrap_or_default();
        }
        Some(Next(Some(target)))
    }

    /// Remembers the first page, in the form in which the next one is known.
    fn remember_first(&mut self, target: &Target, page: &Page<T>) {
        let first = match target {
            Target::Link(_) => {
                page.head.sent.as_ref().map(|sent| Target::Link(sent.exchange.url.to_string()))
            }
            Target::Value(_) => self.pager.value(None).map(|first| Target::Value(first.into_owned())),
        };
        if let Some(first) = first {
            self.seen.insert(&first);
        }
    }

    /// How many pages after the next are of use.
    fn read_ahead_steps(&self) -> u64 {
        let most = self.pager.options.read_ahead as u64;
        // Those that the next page makes unnecessary are not counted: it may have fewer items.
        let by_items = self.items_left.zip(self.size.filter(|size| *size > 0));
        by_items.map_or(most, |(left, size)| most.min(left.div_ceil(size).saturating_sub(1)))
    }

    fn end(&mut self) {
        self.has_ended = true;
        self.queue.clear();
        self.known.clear();
    }
}

/// As an index of a list.
fn index(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// It is moved freely: nothing in it is pinned.
impl<T, E> Unpin for Pages<T, E> {}

impl<T, E: From<Error>> Stream for Pages<T, E> {
    type Item = Result<Page<T>, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_page(context).map(|page| page.map(|page| page.map_err(E::from)))
    }
}

impl<T, E> fmt::Debug for Pages<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("pager", &self.pager)
            .field("pages", &self.at.pages)
            .finish_non_exhaustive()
    }
}
