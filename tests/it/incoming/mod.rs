//! What comes in is hostile: files of the checkout, addresses, replies, texts. Every case is a run of the real program
//! within bounds of memory and time.

mod bombs;
mod checkout;
mod hosts;
mod peer;
mod properties;
mod replies;
