module eulogin.example/cpms

go 1.26.0

replace eulogin.example/proto => ../proto

require eulogin.example/proto v0.0.0
