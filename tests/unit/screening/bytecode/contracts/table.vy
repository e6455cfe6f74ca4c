# Compiled by Vyper with --optimize gas, codesize and none; each file NAME-OPTIMISATION.hex is the runtime code.
balanceOf: public(HashMap[address, uint256])
totalSupply: public(uint256)
owner: public(address)
@external
def transfer(t: address, v: uint256) -> bool:
    self.balanceOf[msg.sender] -= v
    self.balanceOf[t] += v
    return True
@external
def mint(t: address, v: uint256):
    assert msg.sender == self.owner
    self.balanceOf[t] += v
@external
def a1():
    self.totalSupply += 1
@external
def a2():
    self.totalSupply += 2
