//! The body of a request: nothing, or a message piece by piece.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::{mpsc, oneshot};

#[derive(Debug)]
pub(super) enum Piece {
    Octets(Bytes),
    End,
}

#[derive(Debug)]
pub(super) enum Outgoing {
    Nothing,
    /// `begun` is told when the header section of the request has been written and the body is wanted.
    Message {
        pieces: mpsc::Receiver<Piece>,
        begun: Option<oneshot::Sender<()>>,
    },
}

/// The message was aborted, so its body must not end like a complete one.
#[derive(Debug)]
pub(super) struct BrokenOff;

impl std::fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the message was broken off")
    }
}

impl std::error::Error for BrokenOff {}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let this = self.get_mut();
        let Self::Message { pieces, begun } = this else { return Poll::Ready(None) };
        if let Some(begun) = begun.take() {
            let _ = begun.send(());
        }
        match pieces.poll_recv(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Piece::Octets(octets))) => Poll::Ready(Some(Ok(Frame::data(octets)))),
            Poll::Ready(Some(Piece::End)) => {
                *this = Self::Nothing;
                Poll::Ready(None)
            }
            Poll::Ready(None) => Poll::Ready(Some(Err(BrokenOff))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Nothing => SizeHint::with_exact(0),
            Self::Message { .. } => SizeHint::default(),
        }
    }
}
