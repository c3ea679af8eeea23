# openssl s_server and s_client on loopback, with a key and a certificate of its own.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out cert -days 30 -subj /CN=test 2>/dev/null; echo $?
openssl x509 -in cert -noout -subject
for port in $(seq $((20000 + $$ % 12000)) 32100); do
    openssl s_server -accept 127.0.0.1:$port -key key -cert cert -www -quiet > server.log 2>&1 & server=$!
    for n in $(seq 50); do
        kill -0 $server 2>/dev/null || break
        (exec 3<> /dev/tcp/127.0.0.1/$port) 2>/dev/null && break 2
        sleep 0.1
    done
done
for version in -tls1_2 -tls1_3; do
    printf 'GET / HTTP/1.0\r\n\r\n' | openssl s_client -connect 127.0.0.1:$port $version -CAfile cert -quiet -ign_eof 2>/dev/null | grep -a -E '^HTTP|Protocol  :' | tr -d '\r'
done
echo Q | openssl s_client -connect 127.0.0.1:$port -CAfile cert -brief 2>&1 | grep -E '^(Verification|Protocol)'
kill $server; wait $server; echo $?; rm key cert server.log
