//! The turns of files: so many are read at once, because each may be as long as an upload can be,
//! and what is read of it is longer still.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Payload;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api::body;
use crate::api::error::{Refusal, TransportRefusal};
use crate::api::service::Service;

/// The turns of a process.
#[derive(Debug, Clone)]
pub struct FileTurns(Arc<Semaphore>);

/// A turn: whoever holds it may hold a file.
pub type FileTurn = OwnedSemaphorePermit;

impl FileTurns {
    /// So many turns at once.
    #[must_use]
    pub fn of(at_once: u8) -> Self {
        Self(Arc::new(Semaphore::new(usize::from(at_once))))
    }

    /// Takes a turn, if one is free: nobody waits here with a connection and half a file.
    ///
    /// # Errors
    /// [`TransportRefusal::Busy`] when all are taken.
    pub fn take(&self) -> Result<FileTurn, Refusal> {
        let turn = Arc::clone(&self.0).try_acquire_owned();
        turn.map_err(|_taken| TransportRefusal::Busy.into())
    }
}

/// Reads a file, in its turn; the turn ends when what is answered with it is dropped.
///
/// # Errors
/// [`TransportRefusal::Busy`], or as [`body::read`].
pub async fn read(
    request: &HttpRequest,
    payload: Payload,
    service: &Service,
) -> Result<(Vec<u8>, FileTurn), Refusal> {
    let turn = service.file_turns.take()?;
    let bytes = body::read(request, payload, service.upload_bytes_max).await?;
    Ok((bytes.into(), turn))
}
