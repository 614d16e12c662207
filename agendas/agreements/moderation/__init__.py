"""The queue of words and photos that wait for a look before anybody reads them."""
