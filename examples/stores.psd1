# The store machines that the examples look after. Keep your own list beside your own copy of the scripts.
@{
    Computers = @(
        @{ ComputerName = 'LOJA-01'; Stores = @('Loja 01') }
        @{ ComputerName = 'LOJA-02'; Stores = @('Loja 02', 'Loja 02 - Padaria') }
        @{ ComputerName = 'LOJA-03'; Stores = @('Loja 03') }
    )
}
