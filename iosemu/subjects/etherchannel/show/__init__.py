"""Shows of etherchannel."""
