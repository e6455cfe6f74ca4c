//! The orders of a list by their numbers: a leg's number has its role above bit 48, its list's number below.
//!
//! So an order says by itself that it is a leg, of which list and what its others are called, and an order that is none
//! costs one comparison. The list's number is that of the command that placed it.

pub const LEG_SHIFT: u32 = 48;
pub const LEG_BASE: u64 = 1 << LEG_SHIFT;
pub const OCO_LIMIT: u64 = 1;
pub const OCO_STOP: u64 = 2;
pub const OTO_WORKING: u64 = 3;
pub const OTO_PENDING: u64 = 4;
pub const OTOCO_WORKING: u64 = 5;
pub const OTOCO_LIMIT: u64 = 6;
pub const OTOCO_STOP: u64 = 7;

/// Return the number of a list's order; role 0 is an order by itself.
pub fn leg_id(list_id: u64, role: u64) -> u64 {
    role << LEG_SHIFT | list_id
}

/// Return an order's role in its list, 0 for an order by itself.
pub fn role_of(order_id: u64) -> u64 {
    order_id >> LEG_SHIFT
}

/// Return the number of the command that placed an order, which is that of its list.
pub fn list_of(order_id: u64) -> u64 {
    order_id & (LEG_BASE - 1)
}

/// Return whether an order belongs to a list.
#[inline(always)]
pub fn is_leg(order_id: u64) -> bool {
    order_id >= LEG_BASE
}

/// Return the other order of a pair of which one cancels the other, 0 for none.
pub fn other_leg(order_id: u64) -> u64 {
    let role = match role_of(order_id) {
        OCO_LIMIT => OCO_STOP,
        OCO_STOP => OCO_LIMIT,
        OTOCO_LIMIT => OTOCO_STOP,
        OTOCO_STOP => OTOCO_LIMIT,
        _ => return 0,
    };
    leg_id(list_of(order_id), role)
}

/// Return the working order that a pending one waits for, 0 for none.
pub fn working_leg(order_id: u64) -> u64 {
    let role = match role_of(order_id) {
        OTO_PENDING => OTO_WORKING,
        OTOCO_LIMIT | OTOCO_STOP => OTOCO_WORKING,
        _ => return 0,
    };
    leg_id(list_of(order_id), role)
}

/// Return the pending orders that wait for a working one.
pub fn pending_legs(order_id: u64) -> Vec<u64> {
    let roles: &[u64] = match role_of(order_id) {
        OTO_WORKING => &[OTO_PENDING],
        OTOCO_WORKING => &[OTOCO_LIMIT, OTOCO_STOP],
        _ => &[],
    };
    roles.iter().map(|&role| leg_id(list_of(order_id), role)).collect()
}

/// Return the kind of list of a leg, as the first role that it has.
pub fn kind_of(order_id: u64) -> u64 {
    match role_of(order_id) {
        OTOCO_WORKING.. => OTOCO_WORKING,
        OTO_WORKING.. => OTO_WORKING,
        _ => OCO_LIMIT,
    }
}

/// Return whether an order may be amended: not one that shares its hold and its quantity with another.
pub fn is_amendable(order_id: u64) -> bool {
    !is_leg(order_id) || other_leg(order_id) == 0
}
