//! The declarations of libtodo that the example needs, by hand: the structures of the headers, member by member.
//!
//! A structure that callers fill begins with its size, and the library never writes beyond it, so that a binding of
//! today keeps working with a later libtodo.
#![allow(dead_code)]

use std::ffi::CStr;
use std::fmt;
use std::marker::{PhantomData, PhantomPinned};
use std::os::raw::{c_char, c_int, c_uint, c_void};

pub type Status = c_int;
pub const OK: Status = 0;
pub const NOT_FOUND: Status = 2;

macro_rules! opaque {
    ($($name:ident),*) => {$(
        #[repr(C)]
        pub struct $name {
            _data: [u8; 0],
            _marker: PhantomData<(*mut u8, PhantomPinned)>,
        }
    )*};
}
opaque!(Store, Commands, Queries, Reader, Users, Call, Cursor);

#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Uuid {
    pub bytes: [u8; 16],
}

#[repr(C)]
pub struct Error {
    pub size: usize,
    pub status: Status,
    pub retry_after: i32,
    pub retryable: bool,
    pub code: [c_char; 40],
    pub field: [c_char; 40],
    pub message: [c_char; 160],
    pub detail: [c_char; 256],
}

#[repr(C)]
pub struct Item {
    reserved: *const c_void,
    pub id: Uuid,
    pub user_id: Uuid,
    pub title: *const c_char,
    pub description: *const c_char,
    pub completed: bool,
    pub created_at: i64,
    pub updated_at: i64,
    pub version: i64,
}

#[repr(C)]
pub struct User {
    reserved: *const c_void,
    pub id: Uuid,
    pub email: *const c_char,
    pub display_name: *const c_char,
    pub created_at: i64,
}

#[repr(C)]
pub struct Draft {
    pub size: usize,
    pub id: *const Uuid,
    pub title: *const c_char,
    pub description: *const c_char,
}

#[repr(C)]
pub struct Registration {
    pub size: usize,
    pub email: *const c_char,
    pub password: *const c_char,
    pub display_name: *const c_char,
}

#[repr(C)]
pub struct ListQuery {
    pub size: usize,
    pub completed: c_int,
    pub sort: c_int,
    pub ascending: bool,
    pub limit: u32,
    pub after: *const Cursor,
}

/// The members that existed in the first release: the library takes the rest for unset.
#[repr(C)]
pub struct StoreOptions {
    pub size: usize,
    pub url: *const c_char,
    pub reader_url: *const c_char,
    pub cache_url: *const c_char,
    pub pool_size: c_uint,
    pub connect_timeout_ms: c_uint,
    pub call_timeout_ms: c_uint,
    pub skip_migrations: bool,
    pub hash_slots: c_uint,
    pub hash_queue: c_uint,
}

#[repr(C)]
pub struct QueriesOptions {
    pub size: usize,
    pub reader: *mut Reader,
    pub users: *mut Users,
}

pub type Visit = unsafe extern "C" fn(arg: *mut c_void, item: *const Item) -> Status;

#[repr(C)]
pub struct ReaderOps {
    pub size: usize,
    pub destroy: Option<unsafe extern "C" fn(this: *mut c_void)>,
    pub get: Option<
        unsafe extern "C" fn(*mut c_void, *const Call, *const Uuid, *const Uuid, *mut *const Item, *mut Error) -> Status,
    >,
    pub list: Option<
        unsafe extern "C" fn(*mut c_void, *const Call, *const Uuid, *const ListQuery, Visit, *mut c_void, *mut Error) -> Status,
    >,
}

#[link(name = "todo")]
extern "C" {
    pub fn todo_version() -> *const c_char;
    pub fn todo_uuid_generate(ret_uuid: *mut Uuid, error: *mut Error) -> Status;
    pub fn todo_error_set(error: *mut Error, status: Status, code: *const c_char, field: *const c_char, message: *const c_char) -> Status;
    pub fn todo_store_open(options: *const StoreOptions, ret_store: *mut *mut Store, error: *mut Error) -> Status;
    pub fn todo_store_close(store: *mut Store);
    pub fn todo_store_commands(store: *mut Store) -> *mut Commands;
    pub fn todo_store_queries(store: *mut Store) -> *mut Queries;
    pub fn todo_commands_register(commands: *mut Commands, call: *const Call, registration: *const Registration, ret_user: *mut *const User, error: *mut Error) -> Status;
    pub fn todo_commands_create(commands: *mut Commands, call: *const Call, user: *const Uuid, draft: *const Draft, ret_item: *mut *const Item, error: *mut Error) -> Status;
    pub fn todo_queries_each(queries: *mut Queries, call: *const Call, user: *const Uuid, query: *const ListQuery, visit: Visit, arg: *mut c_void, ret_has_next: *mut bool, ret_next: *mut Cursor, error: *mut Error) -> Status;
    pub fn todo_queries_get(queries: *mut Queries, call: *const Call, user: *const Uuid, id: *const Uuid, ret_item: *mut *const Item, error: *mut Error) -> Status;
    pub fn todo_queries_new(options: *const QueriesOptions, ret_queries: *mut *mut Queries, error: *mut Error) -> Status;
    pub fn todo_queries_free(queries: *mut Queries);
    pub fn todo_reader_new(ops: *const ReaderOps, this: *mut c_void, ret_reader: *mut *mut Reader, error: *mut Error) -> Status;
    pub fn todo_reader_unref(reader: *mut Reader);
    pub fn todo_item_build(members: *const Item, size: usize, ret_item: *mut *const Item, error: *mut Error) -> Status;
    pub fn todo_item_unref(item: *const Item);
    pub fn todo_user_unref(user: *const User);
}

/// A structure of which zero means the default, with its size set, as the `…_INIT` macros do.
pub trait Init: Sized {
    fn init() -> Self;
}

macro_rules! sized {
    ($($name:ident),*) => {$(
        impl Init for $name {
            fn init() -> Self {
                // All of them are numbers, flags and pointers (or optional functions), for which zero is a value.
                let mut value: Self = unsafe { std::mem::zeroed() };
                value.size = std::mem::size_of::<Self>();
                value
            }
        }
    )*};
}
sized!(Error, Draft, Registration, StoreOptions, QueriesOptions, ReaderOps);

impl Item {
    /// Members to fill for `todo_item_build`, all zero.
    pub fn members() -> Self {
        unsafe { std::mem::zeroed() }
    }
}

/// The text of the library's that is valid at least as long as what it belongs to.
pub unsafe fn text(pointer: *const c_char) -> String {
    CStr::from_ptr(pointer).to_string_lossy().into_owned()
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        write!(to, "{} ({})", unsafe { text(self.message.as_ptr()) }, unsafe { text(self.code.as_ptr()) })
    }
}

/// Makes a result of a call whose last argument is a `todo_error`.
pub fn attempt(function: impl FnOnce(*mut Error) -> Status) -> Result<(), Box<Error>> {
    let mut error = Box::new(Error::init());
    match function(&mut *error) {
        OK => Ok(()),
        _ => Err(error),
    }
}
